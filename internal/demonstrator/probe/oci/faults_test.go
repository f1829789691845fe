package oci_test

import (
	"testing"

	"aloi.dev/internal/demonstrator/probe/oci"
	"aloi.dev/internal/demonstrator/probe/probetest/faulttest"
)

func TestCleanOffer(t *testing.T) { faulttest.Clean(t, oci.Suite) }

func TestFaults(t *testing.T) { faulttest.Faults(t, oci.Suite) }

func TestVariations(t *testing.T) { faulttest.Variations(t, oci.Suite) }

func TestDocument(t *testing.T) { faulttest.Document(t, oci.Suite) }
