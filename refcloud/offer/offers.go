// Package offer is one offer of the reference cloud: what it claims, the
// services that it runs, and the process in which it runs them.
package offer

import (
	"slices"

	"aloi.dev/refcloud/inference"
	"aloi.dev/refcloud/oci"
	"aloi.dev/refcloud/oidc"
	"aloi.dev/refcloud/postgres"
	"aloi.dev/refcloud/s3"
	"aloi.dev/refcloud/service"
	"aloi.dev/refcloud/tls"
)

// Offer is what an offer says of itself.
type Offer struct {
	ID       string
	Name     string
	Provider string
	Region   string
	Faulty   bool // planted faults go here; variations go to the others
}

// All lists the offers, in the order in which they are started and shown.
var All = []Offer{
	{ID: "alize", Name: "Alizé", Provider: "Alizé (nuage de référence)", Region: "fr-ref-1"},
	{ID: "brume", Name: "Brume", Provider: "Brume (nuage de référence)", Region: "fr-ref-2", Faulty: true},
}

// Kinds are the services of the cloud: to add one, add its line.
var Kinds = Services{
	s3.Kind,
	postgres.Kind,
	oidc.Kind,
	oci.Kind,
	tls.Kind,
	inference.Kind,
}

// ByID returns the offer that has the given id.
func ByID(id string) (Offer, error) {
	var ids []string
	for _, o := range All {
		if o.ID == id {
			return o, nil
		}
		ids = append(ids, o.ID)
	}
	return Offer{}, service.Unknown("offer", id, ids)
}

// Services are some of the Kinds, in their order.
type Services []service.Kind

// Only returns the kinds with the given names, all of them when there are none.
func (s Services) Only(names []string) (Services, error) {
	if len(names) == 0 {
		return s, nil
	}
	var all []string
	for _, k := range s {
		all = append(all, k.Name)
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, service.Unknown("service", name, all)
		}
	}
	return slices.DeleteFunc(slices.Clone(s), func(k service.Kind) bool { return !slices.Contains(names, k.Name) }), nil
}

// Needs lists the needs on which an offer with these services positions itself,
// each once.
func (s Services) Needs() []string {
	var out []string
	for _, k := range s {
		for _, need := range k.Needs {
			if !slices.Contains(out, need) {
				out = append(out, need)
			}
		}
	}
	return out
}

// Faults lists the faults of the services.
func (s Services) Faults() []service.Entry {
	return s.entries(func(k service.Kind) []service.Entry { return k.Faults })
}

// Variations lists the variations of the services.
func (s Services) Variations() []service.Entry {
	return s.entries(func(k service.Kind) []service.Entry { return k.Variations })
}

func (s Services) entries(of func(service.Kind) []service.Entry) []service.Entry {
	out := []service.Entry{}
	for _, k := range s {
		for _, e := range of(k) {
			e.Service = k.Name
			out = append(out, e)
		}
	}
	return out
}

// Demo lists the faults that a faulty offer has when none are asked for.
func (s Services) Demo() []string {
	out := []string{}
	for _, k := range s {
		out = append(out, k.Demo...)
	}
	return out
}

// Check returns an error if a name of the set belongs to none of the services.
func (s Services) Check(set service.Set) error {
	if err := service.Check("fault", set.Faults, s.Faults()); err != nil {
		return err
	}
	return service.Check("variation", set.Variations, s.Variations())
}
