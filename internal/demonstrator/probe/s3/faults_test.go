package s3_test

import (
	"testing"

	"aloi.dev/internal/demonstrator/probe/probetest/faulttest"
	"aloi.dev/internal/demonstrator/probe/s3"
)

func TestCleanOffer(t *testing.T) { faulttest.Clean(t, s3.Suite) }

func TestFaults(t *testing.T) { faulttest.Faults(t, s3.Suite) }

func TestVariations(t *testing.T) { faulttest.Variations(t, s3.Suite) }

func TestDocument(t *testing.T) { faulttest.Document(t, s3.Suite) }
