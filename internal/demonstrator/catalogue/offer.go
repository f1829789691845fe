package catalogue

import "aloi.dev/internal/demonstrator/measure"

// Offer is a cloud offer as its owner describes it. It holds no secret: each
// credential is a reference to an environment variable or a file.
type Offer struct {
	ID        OfferID            `yaml:"id" json:"id"`
	Name      string             `yaml:"name" json:"name"`
	Provider  Provider           `yaml:"provider" json:"provider"`
	Region    string             `yaml:"region" json:"region"`
	Positions []NeedID           `yaml:"positions" json:"positions"`         // the needs on which it positions itself
	Services  map[string]Service `yaml:"services,omitempty" json:"services"` // keyed by suite
	Caps      Caps               `yaml:"caps" json:"caps"`
}

// Provider is the company behind an offer.
type Provider struct {
	Name  string `yaml:"name" json:"name"`
	SIREN string `yaml:"siren,omitempty" json:"siren,omitempty"`
}

// Service is one endpoint of an offer and what its suite needs to test it.
type Service struct {
	Endpoint    string                `yaml:"endpoint" json:"endpoint"`               // URL of the declared host, in a scheme of its suite
	Hosts       []Host                `yaml:"hosts,omitempty" json:"hosts,omitempty"` // further hosts that the service uses
	Trust       Ref                   `yaml:"trust,omitempty" json:"trust,omitempty"` // PEM of a private authority
	Settings    map[string]string     `yaml:"settings,omitempty" json:"settings,omitempty"`
	Features    []string              `yaml:"features,omitempty" json:"features"`       // none when absent
	Credentials map[string]Credential `yaml:"credentials,omitempty" json:"credentials"` // keyed by account
}

// Credential maps the fields of an account to references.
type Credential map[string]Ref

// Host is a host name or address with an optional port: "auth.example.org",
// "[2001:db8::1]:8443". The port is 443 when absent.
type Host string

// Ref is where a secret is found: "env:NAME" or "file:PATH", the path relative to
// the offer's file. A literal value is refused when the offer is loaded.
type Ref string

// Caps are hard limits that the offer's owner sets on a run.
type Caps struct {
	Rate        measure.Rate     `yaml:"rate" json:"rate"`
	Bytes       measure.Size     `yaml:"bytes" json:"bytes"`
	Connections int              `yaml:"connections" json:"connections"`
	Duration    measure.Duration `yaml:"duration" json:"duration"`
}

// Vocabulary is what the suites know: a catalogue or an offer that uses another
// word is refused. It is given by the probes, which this package does not import.
type Vocabulary []SuiteWords

// LoadWords is an operation that may be put under load, and what is measured of it.
type LoadWords struct {
	Operation string
	Metrics   []string
	OpBytes   int64 // the most that one request moves
}

// SuiteWords is the vocabulary of one suite.
type SuiteWords struct {
	ID          string
	Schemes     []string            // of Service.Endpoint; https when empty, and http to this machine
	Checks      []string            // ids of all its checks
	Features    []string            // what an offer may declare
	Settings    []string            // keys of Service.Settings
	Credentials map[string][]string // accounts and their fields
	Required    []string            // accounts without which the suite cannot run
	Loads       []LoadWords         // what may be put under load
	Foreign     bool                // of suites that aren't ours: no target has to use their checks
}
