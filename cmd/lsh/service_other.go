//go:build !linux && !darwin

package main

func newServiceManager(*app) (serviceManager, error) {
	return nil, fail("no_manager", "this system has no service manager that lsh knows", "lsh daemon start runs the daemon; @reboot in crontab -e starts it at boot")
}
