package s3_test

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"aloi.dev/refcloud/cloud"
	"aloi.dev/refcloud/cloudtest"
)

// The tests of this package share one cloud. Those that plant something use
// Brume, and run one after the other; the rest use Alizé.
var running *cloud.Cloud

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "offer" {
		cloudtest.Main(m)
	}
	var err error
	if running, err = cloud.Start(cloud.Options{Services: []string{"s3"}, Faults: []string{}}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := running.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func alize(t *testing.T) cloudtest.Offer { return cloudtest.Read(t, running.Dir(), "alize") }
func brume(t *testing.T) cloudtest.Offer { return cloudtest.Read(t, running.Dir(), "brume") }

var buckets atomic.Int64

// newBucket makes a bucket that lives as long as the cloud.
func newBucket(t *testing.T, a cloudtest.Account, headers ...string) string {
	t.Helper()
	name := fmt.Sprintf("test-%d", buckets.Add(1))
	a.Must(t, "PUT", "/"+name, "", headers...)
	return name
}
