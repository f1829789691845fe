package tls

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

// hashNames are what a profile may say of the signatures of certificates.
var hashNames = []string{"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512", "Ed25519"}

// validator checks what the strict loader can't know: the registries' names.
type validator struct {
	pos      *strict.Positions
	profile  *profile
	problems strict.Problems
}

func (v *validator) report(at string, text, hint lang.Text) {
	v.problems = append(v.problems, v.pos.Problem(at, text, hint))
}

func (v *validator) entries(field string, list []entry, names []string) {
	for i, e := range list {
		at := fmt.Sprintf("%s[%d]", field, i)
		v.one(at, e.Name, names, e.Source)
		if slices.ContainsFunc(list[:i], func(before entry) bool { return before.Name == e.Name }) {
			v.report(at+".name", lang.T("« %s » est déjà dans la liste", "%q is already in the list", e.Name), lang.T("le retirer", "remove it"))
		}
	}
}

func (v *validator) one(at, name string, names []string, source string) {
	if !slices.Contains(names, name) {
		v.report(at+".name", lang.T("« %s » n'est pas connu", "%q isn't known", name), strict.DidYouMean(name, names))
	}
	v.source(at, source)
}

func (v *validator) source(at, id string) {
	var ids []string
	for _, s := range v.profile.Sources {
		ids = append(ids, s.ID)
	}
	if !slices.Contains(ids, id) {
		v.report(at+".source", lang.T("la source « %s » n'est pas dans « sources »", "the source %q is not among the sources", id), strict.DidYouMean(id, ids))
	}
}

func known[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func suiteNames() []string {
	var names []string
	for _, s := range suites {
		names = append(names, s.name)
	}
	return names
}

func groupNames() []string { return slices.Sorted(maps.Values(groups)) }

// useOf returns what the profile makes of a name; what it doesn't list is forbidden.
func useOf(list []entry, name string) use {
	for _, e := range list {
		if e.Name == name {
			return e.Use
		}
	}
	return forbidden
}

func (p *profile) version(v uint16) use { return useOf(p.Versions, versionName(v)) }

// suiteIDs returns the suites of the registry that the profile takes, or else
// those that it doesn't, of some families; of all when none are named.
func (p *profile) suiteIDs(taken bool, families ...family) []uint16 {
	var ids []uint16
	for _, s := range suites {
		if (useOf(p.Suites, s.name) != forbidden) == taken && (len(families) == 0 || slices.Contains(families, s.family)) {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// groupIDs returns the named groups that the profile takes, or those that it doesn't,
// in the order of their numbers.
func (p *profile) groupIDs(taken bool) []uint16 {
	var ids []uint16
	for _, id := range slices.Sorted(maps.Keys(groups)) {
		if (useOf(p.Groups, groups[id]) != forbidden) == taken {
			ids = append(ids, id)
		}
	}
	return ids
}

// limit returns a figure of the profile, in the unit that its name ends with.
func (p *profile) limit(name string) (int, bool) {
	for _, l := range p.Limits {
		if l.Name == name {
			return l.Value, true
		}
	}
	return 0, false
}

// figure is limit for the names that every profile has.
func (p *profile) figure(name string) int {
	n, _ := p.limit(name)
	return n
}

// shortest returns the length in bits under which a kind of key isn't taken; a
// kind that the profile doesn't name isn't taken at all.
func (p *profile) shortest(kind string) (bits int, ok bool) {
	for _, k := range p.Keys {
		if k.Name == kind {
			return k.Bits, true
		}
	}
	return 0, false
}

// longest returns the longest life of a certificate issued at an instant; zero
// when no limit held yet.
func (p *profile) longest(issued time.Time) time.Duration {
	var days int
	for _, l := range p.Lifetimes {
		if issued.UTC().Format(time.DateOnly) >= l.From {
			days = l.Days
		}
	}
	return time.Duration(days) * 24 * time.Hour
}

// keyOf returns the kind and length of a certificate's key.
func keyOf(c *x509.Certificate) (kind string, bits int) {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return "RSA", k.N.BitLen()
	case *ecdsa.PublicKey:
		return "ECDSA", k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return "Ed25519", 256
	}
	return c.PublicKeyAlgorithm.String(), 0
}

// hashOf returns the hash function of a certificate's signature, in the profile's words.
func hashOf(c *x509.Certificate) string {
	name := c.SignatureAlgorithm.String()
	for _, h := range hashNames {
		if strings.Contains(name, strings.ReplaceAll(h, "-", "")) {
			return h
		}
	}
	return name
}
