package service

import (
	"fmt"
	"slices"
	"strings"
)

// Set is what is planted in an offer: names of faults and of variations.
type Set struct {
	Faults     []string `json:"faults"`
	Variations []string `json:"variations"`
}

// Only keeps the names of the set that a kind knows.
func (s Set) Only(k Kind) Set {
	return Set{Faults: known(s.Faults, k.Faults), Variations: known(s.Variations, k.Variations)}
}

// Clean returns the set with its names sorted, each once, and no nil list, so
// that it reads the same however it was given.
func (s Set) Clean() Set {
	return Set{Faults: sorted(s.Faults), Variations: sorted(s.Variations)}
}

func sorted(names []string) []string {
	out := append([]string{}, names...)
	slices.Sort(out)
	return slices.Compact(out)
}

func known(names []string, entries []Entry) []string {
	var out []string
	for _, name := range names {
		if slices.ContainsFunc(entries, func(e Entry) bool { return e.Name == name }) {
			out = append(out, name)
		}
	}
	return out
}

// Check returns an error that names the nearest entry if a name is unknown.
// what says what the names are: "fault", "variation".
func Check(what string, names []string, entries []Entry) error {
	for _, name := range names {
		if len(known([]string{name}, entries)) > 0 {
			continue
		}
		var all []string
		for _, e := range entries {
			all = append(all, e.Name)
		}
		return Unknown(what, name, all)
	}
	return nil
}

// Unknown is the error for a name that is not in a list.
func Unknown(what, name string, all []string) error {
	if near := Nearest(name, all); near != "" {
		return fmt.Errorf("unknown %s %q: did you mean %q?", what, name, near)
	}
	return fmt.Errorf("unknown %s %q", what, name)
}

// Nearest returns the name of the list that is closest to the given one,
// "" if the list is empty.
func Nearest(name string, all []string) string {
	best, at := "", -1
	for _, candidate := range all {
		d := distance(strings.ToLower(name), candidate)
		// A name given without its service is nearer than any spelling.
		if _, short, ok := strings.Cut(candidate, "."); ok {
			d = min(d, distance(strings.ToLower(name), short))
		}
		if at < 0 || d < at {
			best, at = candidate, d
		}
	}
	return best
}

// distance counts the letters to insert, remove or replace to go from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
