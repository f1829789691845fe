package postgres_test

import (
	"testing"

	"aloi.dev/internal/demonstrator/probe/postgres"
	"aloi.dev/internal/demonstrator/probe/probetest/faulttest"
)

func TestCleanOffer(t *testing.T) { faulttest.Clean(t, postgres.Suite) }

func TestFaults(t *testing.T) { faulttest.Faults(t, postgres.Suite) }

func TestVariations(t *testing.T) { faulttest.Variations(t, postgres.Suite) }

func TestDocument(t *testing.T) { faulttest.Document(t, postgres.Suite) }
