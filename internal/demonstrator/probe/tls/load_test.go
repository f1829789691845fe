package tls

import (
	"testing"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/probe/probetest/loadtest"
)

// TestLoads: the page comes whole each time; one that has become a redirect doesn't
// pass for it.
func TestLoads(t *testing.T) {
	t.Parallel()
	b := loadtest.Start(t, Suite)
	b.Right(t, 100)
	b.Fails(t, "page", 100, "tls.redirect-plain", load.Status)
}
