package postgres_test

import (
	"fmt"
	"os"
	"testing"

	"aloi.dev/refcloud/cloud"
	"aloi.dev/refcloud/cloudtest"
)

// The tests of this package share one cloud, but for those that kill theirs.
var running *cloud.Cloud

func start() (*cloud.Cloud, error) {
	return cloud.Start(cloud.Options{Services: []string{"postgres"}, Faults: []string{}})
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "offer" {
		cloudtest.Main(m)
	}
	var err error
	if running, err = start(); err != nil {
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
