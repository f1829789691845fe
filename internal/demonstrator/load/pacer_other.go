//go:build !linux

package load

import "time"

func newSleeper() (sleeper, time.Duration) { return newTimers(), time.Millisecond }
