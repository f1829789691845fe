package evidence

import (
	"io"
	"os"
	"runtime"

	"aloi.dev/internal/proof"
)

// Here describes the machine and the program that a run is made with.
func Here(version string) Environment {
	return Environment{Version: version, Binary: binaryDigest(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()}
}

// binaryDigest returns the SHA-256 of the running executable, as it is published
// with a release; empty where it can't be read.
func binaryDigest() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	sum := proof.NewDigester()
	if _, err := io.Copy(sum, file); err != nil {
		return ""
	}
	return sum.Digest()
}
