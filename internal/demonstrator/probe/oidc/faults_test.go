package oidc_test

import (
	"testing"

	"aloi.dev/internal/demonstrator/probe/oidc"
	"aloi.dev/internal/demonstrator/probe/probetest/faulttest"
)

func TestCleanOffer(t *testing.T) { faulttest.Clean(t, oidc.Suite) }

func TestFaults(t *testing.T) { faulttest.Faults(t, oidc.Suite) }

func TestVariations(t *testing.T) { faulttest.Variations(t, oidc.Suite) }

func TestDocument(t *testing.T) { faulttest.Document(t, oidc.Suite) }
