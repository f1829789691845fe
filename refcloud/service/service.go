// Package service is the contract between an offer's process and the servers
// that it runs. A service lives in a folder of its own, exports one Kind, and is
// added to the cloud by one line in package offer.
package service

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
)

// Entry names one fault or one benign variation of a service. Names are unique
// over all services: they begin with the service's, "oidc.key-forgotten" (S3's
// variations don't, from when it was alone).
type Entry struct {
	Name    string `json:"name"`
	Text    string `json:"text"`    // one sentence, in English
	Group   string `json:"group"`   // what it disturbs: range, errors, transport...
	Service string `json:"service"` // the Kind's name; package offer fills it in
}

// Kind is a service as the cloud knows it before it runs.
type Kind struct {
	Name       string   // the key under services: in the offer's file
	Needs      []string // ids of the needs on which an offer with this service positions itself
	Faults     []Entry  // every fault that can be planted in it
	Variations []Entry  // every legal difference that it can show
	Demo       []string // the faults that a faulty offer has when none are asked for
	Start      func(context.Context, Env) (Running, error)
}

// Env is what an offer's process gives to a service that starts.
type Env struct {
	Offer  string // the offer's id
	Region string
	Dir    string // an empty folder of the service's own, absolute
	Leaf   Leaf   // valid for 127.0.0.1 and localhost
	Log    *slog.Logger
}

// Leaf is an offer's TLS certificate with the authority that issued it.
type Leaf struct {
	CertPEM, KeyPEM []byte
	Pair            tls.Certificate
	Roots           *x509.CertPool
}

// Running is a started service. Its methods may be called from several
// goroutines.
type Running interface {
	// Describe says how a client reaches the service.
	Describe() Description
	// Switch replaces the planted faults and variations for every request that
	// arrives from now on. The names are known to the service's Kind.
	Switch(Set)
	// Inventory lists everything that exists in the service, sorted, with the
	// eyes of its operator.
	Inventory(context.Context) ([]string, error)
	// Failed is closed when the service has stopped by itself.
	Failed() <-chan struct{}
	// Close stops the service at once; requests under way are cut.
	Close()
}

// Description is a service's part of the offer's file. Lists keep their order;
// any but the endpoint may be empty.
type Description struct {
	Endpoint    string       `json:"endpoint"` // a URL in the scheme that the service's suite wants: https://, postgres://, tls://
	Hosts       []string     `json:"hosts"`    // further hosts that the service uses, host:port
	TrustPEM    []byte       `json:"trust"`    // the authority that issued its certificates; the cloud's when empty
	Settings    []Pair       `json:"settings"`
	Features    []string     `json:"features"`
	Credentials []Credential `json:"credentials"`
}

// Pair is one setting.
type Pair struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Credential is an account that the offer hands to its customer.
type Credential struct {
	Name   string   `json:"name"`
	Fields []Secret `json:"fields"`
}

// Secret is one value of a credential. It is written to a file of its own,
// named after the offer, the service and the account, with the extension Ext.
type Secret struct {
	Key   string `json:"key"`
	Ext   string `json:"ext"`
	Value string `json:"value"`
}
