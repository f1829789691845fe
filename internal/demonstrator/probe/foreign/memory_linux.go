package foreign

import "aloi.dev/internal/demonstrator/measure"

// limited makes a command run under a limit on the address space of each of its
// processes (RLIMIT_AS). The shell sets it on itself and then becomes the command:
// there is no instant without a limit.
func limited(command []string, memory *measure.Size) ([]string, error) {
	if memory == nil {
		return command, nil
	}
	return append([]string{"/bin/sh", "-c", `ulimit -v "$0" && exec "$@"`, kilobytes(*memory)}, command...), nil
}
