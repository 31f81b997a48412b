//go:build !linux

package journal

import "os"

// reserveRoom does nothing: on a full disk rows may wait in memory only.
func reserveRoom(*os.File, int64) {}
