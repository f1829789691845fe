package campaign

import (
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/inference"
	"aloi.dev/internal/demonstrator/probe/oci"
	"aloi.dev/internal/demonstrator/probe/oidc"
	"aloi.dev/internal/demonstrator/probe/postgres"
	"aloi.dev/internal/demonstrator/probe/s3"
	"aloi.dev/internal/demonstrator/probe/tls"
)

// Suites lists the kinds of service that Aloi can measure: a line each.
var Suites = []probe.Suite{
	s3.Suite,
	postgres.Suite,
	oidc.Suite,
	oci.Suite,
	tls.Suite,
	inference.Suite,
}
