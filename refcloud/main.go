// Command refcloud runs the reference cloud: real servers on the loopback
// interface that play two offers, one clean (Alizé) and one with planted,
// named faults (Brume).
package main

import (
	"os"

	"aloi.dev/refcloud/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:]))
}
