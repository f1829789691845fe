package evidence

import (
	"maps"
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/proof"
)

// RunType says how to read the statement of a run.
const RunType = "https://aloi.dev/run/v1"

// Operator is the role of the keys with which the call's operator measures. A
// run sealed by any other key is the word of whoever holds it.
const Operator = "operator"

// Claim is what the signer of a bundle says of the run, besides its results.
type Claim struct {
	Format      int          `json:"format"`
	Rules       int          `json:"rules"`
	Run         string       `json:"run"`
	Started     time.Time    `json:"started"`
	Ended       *time.Time   `json:"ended,omitempty"` // absent: the run was killed
	Complete    bool         `json:"complete"`
	By          Signer       `json:"by"`
	Environment Environment  `json:"environment"`
	Catalogue   string       `json:"catalogue"` // digest
	Offers      []OfferClaim `json:"offers"`
	Results     int          `json:"results"`
}

// Signer is who ran it, as the identity of the key has it.
type Signer struct {
	Key    string `json:"key"` // whole public key
	Holder string `json:"holder"`
	Role   string `json:"role"`
}

// OfferClaim is what was measured of an offer.
type OfferClaim struct {
	ID        catalogue.OfferID `json:"id"`
	Digest    string            `json:"digest"`
	Endpoints []Endpoint        `json:"endpoints"`
}

// Endpoint is a service of an offer, with the TLS keys that it showed.
type Endpoint struct {
	Service string   `json:"service"`
	Address string   `json:"address"`
	TLSKeys []string `json:"tls_keys"` // SHA-256 of the SubjectPublicKeyInfo of each certificate seen, sorted
}

// claim says of a record what its statement must say.
func claim(r *Record, results int, by Signer) Claim {
	c := Claim{
		Format: format, Rules: score.Rules, Run: r.Plan.Run, Started: r.Plan.Started, Complete: r.Complete(), By: by,
		Environment: r.Environment, Catalogue: r.Plan.Catalogue, Offers: []OfferClaim{}, Results: results,
	}
	if r.End != nil {
		c.Ended = &r.End.At
	}
	for i, planned := range r.Plan.Offers {
		offer := OfferClaim{ID: planned.ID, Digest: planned.Digest, Endpoints: []Endpoint{}}
		services := r.Offers[i].Services
		for _, id := range slices.Sorted(maps.Keys(services)) {
			offer.Endpoints = append(offer.Endpoints, Endpoint{id, services[id].Endpoint, r.tlsKeys(planned.ID, id)})
		}
		c.Offers = append(c.Offers, offer)
	}
	return c
}

// tlsKeys gathers the keys that an endpoint showed, from its inventories.
func (r *Record) tlsKeys(offer catalogue.OfferID, service string) []string {
	keys := []string{}
	for _, i := range r.Inventories {
		if i.Offer == offer && i.Service == service {
			keys = append(keys, i.TLSKeys...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// signerOf is an identity as a claim has it.
func signerOf(id proof.Identity) Signer {
	return Signer{Key: id.Key.String(), Holder: id.Holder, Role: id.Role}
}

// entryOf is what the log holds of an envelope.
func entryOf(envelope []byte) []byte {
	return []byte(RunType + " " + proof.Digest(envelope))
}
