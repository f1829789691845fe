package tls_test

import (
	"testing"

	"aloi.dev/internal/demonstrator/probe/probetest/faulttest"
	"aloi.dev/internal/demonstrator/probe/tls"
)

func TestCleanOffer(t *testing.T) {
	t.Parallel()
	faulttest.Clean(t, tls.Suite)
}

func TestFaults(t *testing.T) { faulttest.Faults(t, tls.Suite) }

func TestVariations(t *testing.T) {
	t.Parallel()
	faulttest.Variations(t, tls.Suite)
}

func TestDocument(t *testing.T) {
	t.Parallel()
	faulttest.Document(t, tls.Suite)
}
