//go:build unix

package wire

import (
	"errors"

	"golang.org/x/sys/unix"
)

// peeker looks at a socket without waiting or taking anything.
type peeker struct {
	fds [1]unix.PollFd // asked first, because unix.Recvfrom allocates
	one [1]byte
}

func (p *peeker) peek(fd uintptr) peeked {
	p.fds[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	for {
		n, err := unix.Poll(p.fds[:], 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err == nil && n == 0 {
			return silent
		}
		break
	}
	for {
		n, _, err := unix.Recvfrom(int(fd), p.one[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return silent
		case err == nil && n > 0:
			return talks
		default:
			return gone
		}
	}
}
