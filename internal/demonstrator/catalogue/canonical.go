package catalogue

import (
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// Canonical returns the canonical JSON of the catalogue. It doesn't depend on the
// comments, the order of keys and entries, or the files that it was loaded from.
func (c *Catalogue) Canonical() ([]byte, error) { return proof.Canonical(c) }

// Digest identifies the catalogue by its canonical bytes.
func (c *Catalogue) Digest() (string, error) { return digest(c) }

// Canonical returns the canonical JSON of the offer's description; it holds
// references to secrets, never a secret.
func (o *Offer) Canonical() ([]byte, error) { return proof.Canonical(o) }

// Digest identifies the offer's description by its canonical bytes.
func (o *Offer) Digest() (string, error) { return digest(o) }

// FromJSON reads back the canonical bytes of a catalogue: exactly those that
// Canonical gives, else the error is of kind fault.Invalid. What Load checks is
// not checked again.
func FromJSON(canonical []byte) (*Catalogue, error) { return fromJSON[Catalogue](canonical) }

// OfferFromJSON is FromJSON for an offer.
func OfferFromJSON(canonical []byte) (*Offer, error) { return fromJSON[Offer](canonical) }

func digest(v any) (string, error) {
	b, err := proof.Canonical(v)
	if err != nil {
		return "", err
	}
	return proof.Digest(b), nil
}

func fromJSON[T any](canonical []byte) (*T, error) {
	v := new(T)
	if err := proof.Decode(canonical, v); err != nil {
		return nil, fault.Wrap(fault.Invalid, lang.T("octets canoniques refusés", "canonical bytes refused"), err)
	}
	return v, nil
}
