// Package offer is one offer of the reference cloud: what it claims, the
// services that it runs, and the process in which it runs them.
package offer

import (
	"aloi.dev/refcloud/s3"
	"aloi.dev/refcloud/service"
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

// Positions are the ids of the needs on which both offers position themselves.
var Positions = []string{"object-storage", "data-protection", "sharing", "integrity"}

// Kinds are the services of an offer: to add one, add its line.
var Kinds = []service.Kind{
	s3.Kind,
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

// Faults lists the faults of all services.
func Faults() []service.Entry {
	var out []service.Entry
	for _, k := range Kinds {
		out = append(out, k.Faults...)
	}
	return out
}

// Variations lists the variations of all services.
func Variations() []service.Entry {
	var out []service.Entry
	for _, k := range Kinds {
		out = append(out, k.Variations...)
	}
	return out
}

// Demo lists the faults that a faulty offer has when none are asked for.
func Demo() []string {
	var out []string
	for _, k := range Kinds {
		out = append(out, k.Demo...)
	}
	return out
}

// Check returns an error if a name of the set is unknown.
func Check(set service.Set) error {
	if err := service.Check("fault", set.Faults, Faults()); err != nil {
		return err
	}
	return service.Check("variation", set.Variations, Variations())
}
