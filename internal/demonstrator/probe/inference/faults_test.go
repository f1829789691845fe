package inference_test

import (
	"testing"

	"aloi.dev/internal/demonstrator/probe/inference"
	"aloi.dev/internal/demonstrator/probe/probetest/faulttest"
)

func TestCleanOffer(t *testing.T) { faulttest.Clean(t, inference.Suite) }

func TestFaults(t *testing.T) { faulttest.Faults(t, inference.Suite) }

func TestVariations(t *testing.T) { faulttest.Variations(t, inference.Suite) }

func TestDocument(t *testing.T) { faulttest.Document(t, inference.Suite) }
