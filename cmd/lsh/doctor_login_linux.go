package main

import "context"

// serviceFailed is why systemd has given the service up, in its own word; "" when it has not.
func serviceFailed(ctx context.Context) string {
	unit, err := properties(ctx, serviceUnit, "ActiveState", "Result")
	if err != nil || unit["ActiveState"] != "failed" {
		return ""
	}
	return unit["Result"]
}
