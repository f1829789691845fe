//go:build unix

package wire

import "golang.org/x/sys/unix"

// peek looks at a socket without waiting or taking anything.
func peek(fd uintptr) peeked {
	var one [1]byte
	for {
		n, _, err := unix.Recvfrom(int(fd), one[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			return silent
		case err == nil && n > 0:
			return talks
		default:
			return gone
		}
	}
}
