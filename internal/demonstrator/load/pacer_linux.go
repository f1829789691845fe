package load

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// spinLinux is how long before the instant the pacer stops sleeping: what a timer
// of the kernel and the wake-up of a thread take, on a machine with nothing else
// to do. More would take the processor from the very service that is measured.
const spinLinux = 60 * time.Microsecond

// kernelTimer sleeps on a timerfd, which the Go scheduler waits for as it does
// for a connection: precise to the microsecond, and no thread is held.
type kernelTimer struct {
	file *os.File
	fd   int
	buf  [8]byte
}

func newSleeper() (sleeper, time.Duration) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return newTimers(), time.Millisecond + spinLinux
	}
	return &kernelTimer{file: os.NewFile(uintptr(fd), "timerfd"), fd: fd}, spinLinux
}

func (k *kernelTimer) sleep(d time.Duration) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	if unix.TimerfdSettime(k.fd, 0, &spec, nil) == nil {
		_, _ = k.file.Read(k.buf[:])
	}
}

func (k *kernelTimer) wake() { _ = k.file.SetReadDeadline(time.Unix(1, 0)) }

func (k *kernelTimer) close() { _ = k.file.Close() }
