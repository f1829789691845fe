package service

import "slices"

// Planted is a fault or a variation as a kind has it, with what it does.
type Planted interface{ Entry() Entry }

// Entries lists faults or variations for their Kind.
func Entries[P Planted](list []P) []Entry {
	var out []Entry
	for _, p := range list {
		out = append(out, p.Entry())
	}
	return out
}

// Pick returns what a set names, variations first: they are the nearest to the
// client.
func Pick[P Planted](set Set, variations, faults []P) []P {
	var out []P
	for _, v := range variations {
		if slices.Contains(set.Variations, v.Entry().Name) {
			out = append(out, v)
		}
	}
	for _, f := range faults {
		if slices.Contains(set.Faults, f.Entry().Name) {
			out = append(out, f)
		}
	}
	return out
}
