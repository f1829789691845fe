package tls

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

// The profiles are data: what an endpoint is held to, each entry with its source.
//
//go:embed profiles/*.yaml
var profileFiles embed.FS

// defaultProfile holds where an offer names none.
const defaultProfile = "intermediate"

// use says what a profile makes of a version, a suite, a group or an algorithm.
// What it doesn't name is forbidden.
type use string

const (
	required  use = "required"
	allowed   use = "allowed"
	forbidden use = "forbidden"
)

// Values lists the uses for the loader.
func (use) Values() []string { return []string{string(required), string(allowed), string(forbidden)} }

// entry is one line of a profile.
type entry struct {
	Name   string `yaml:"name"`
	Use    use    `yaml:"use"`
	Source string `yaml:"source"`
}

// profile is one file.
type profile struct {
	ID         string    `yaml:"id"`
	Title      lang.Text `yaml:"title"`
	Sources    []source  `yaml:"sources"`
	Versions   []entry   `yaml:"versions"`
	Suites     []entry   `yaml:"suites"`
	Groups     []entry   `yaml:"groups"`
	Signatures []entry   `yaml:"signatures"` // hash functions, and Ed25519, of certificates
	Keys       []struct {
		Name   string `yaml:"name"`
		Bits   int    `yaml:"bits"`
		Source string `yaml:"source"`
	} `yaml:"keys"`
	Lifetimes []struct {
		From   string `yaml:"from"`
		Days   int    `yaml:"days"`
		Source string `yaml:"source"`
	} `yaml:"lifetimes"`
	Limits []struct {
		Name   string `yaml:"name"`
		Value  int    `yaml:"value"`
		Source string `yaml:"source"`
	} `yaml:"limits"`
	DNSSEC []entry `yaml:"dnssec"`
}

// source is where an entry comes from.
type source struct {
	ID    string `yaml:"id"`
	Kind  string `yaml:"kind"` // public or proposal
	Title string `yaml:"title"`
	URL   string `yaml:"url,omitempty"`
}

// The limits that every profile sets.
var limitNames = []string{"remaining-percent", "chain-certificates", "chain-bytes", "hsts-seconds", "signature-hours", "nsec3-iterations"}

var versionNumbers = map[string]uint16{"TLS 1.3": tls13, "TLS 1.2": tls12, "TLS 1.1": tls11, "TLS 1.0": tls10, "SSL 3.0": ssl3, "SSL 2.0": 0x0002}

// profiles are those of the folder, read once: a mistake in one is a defect of ours.
var profiles = sync.OnceValues(func() (map[string]*profile, error) {
	names, err := profileFiles.ReadDir("profiles")
	if err != nil {
		return nil, err
	}
	all := map[string]*profile{}
	for _, file := range names {
		name := path.Join("profiles", file.Name())
		text, err := profileFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		p, err := readProfile(name, text)
		if err != nil {
			return nil, err
		}
		all[p.ID] = p
	}
	return all, nil
})

// profileNamed returns a profile of the folder.
func profileNamed(id string) (*profile, error) {
	all, err := profiles()
	if err != nil {
		return nil, err
	}
	if p, ok := all[id]; ok {
		return p, nil
	}
	var known []string
	for name := range all {
		known = append(known, name)
	}
	slices.Sort(known)
	return nil, fault.New(fault.Invalid, lang.T("réglage « profile » : « %s » n'existe pas ; il y a %s", "setting \"profile\": there is no %q; there are %s", id, strings.Join(known, ", ")))
}

// readProfile reads one file strictly: each name is of a registry, each source of
// the file's own list.
func readProfile(file string, text []byte) (*profile, error) {
	p := &profile{}
	pos, err := strict.Decode(file, text, p, nil)
	if err != nil {
		return nil, err
	}
	v := validator{pos: pos, profile: p}
	if want := strings.TrimSuffix(path.Base(file), ".yaml"); p.ID != want {
		v.report("id", lang.T("« %s » n'est pas le nom du fichier", "%q is not the file's name", p.ID), lang.T("écrire %s", "write %s", want))
	}
	v.entries("versions", p.Versions, known(versionNumbers))
	v.entries("suites", p.Suites, suiteNames())
	v.entries("groups", p.Groups, groupNames())
	v.entries("signatures", p.Signatures, hashNames)
	v.entries("dnssec", p.DNSSEC, known(dns.StringToAlgorithm))
	for i, k := range p.Keys {
		v.one(fmt.Sprintf("keys[%d]", i), k.Name, []string{"RSA", "ECDSA", "Ed25519", "DHE"}, k.Source)
	}
	for i, l := range p.Limits {
		v.one(fmt.Sprintf("limits[%d]", i), l.Name, limitNames, l.Source)
	}
	for i, l := range p.Lifetimes {
		at := fmt.Sprintf("lifetimes[%d]", i)
		v.source(at, l.Source)
		if _, err := time.Parse(time.DateOnly, l.From); err != nil || i > 0 && l.From <= p.Lifetimes[i-1].From {
			v.report(at+".from", lang.T("« %s » n'est pas un jour, ou ne suit pas le précédent", "%q is no day, or doesn't follow the one before", l.From), lang.T("par exemple 2026-03-15", "for example 2026-03-15"))
		}
	}
	for _, name := range limitNames {
		if _, ok := p.limit(name); !ok {
			v.report("limits", lang.T("il manque la limite « %s »", "the limit %q is missing", name), lang.Text{})
		}
	}
	return p, v.problems.Err()
}
