package report

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
)

// difference is a need or a target that the runs' catalogues don't have in
// common, or not in the same form.
type difference struct {
	kind   string // need or target
	id     string
	runs   []int             // those that have it
	demand bool              // verdicts on it can't be compared; false: only its wording differs
	fields []fieldDifference // none when the runs that have it agree
}

// fieldDifference is a field as the catalogue's files name it, and its value in
// each of difference.runs.
type fieldDifference struct {
	name   string
	values []string
}

// differencesOf compares the catalogues of all runs, needs first.
func differencesOf(views []View) []difference {
	var list []difference
	needs := func(v View) map[string]any {
		all := map[string]any{}
		for _, n := range v.Record.Catalogue.Needs {
			all[string(n.ID)] = n
		}
		return all
	}
	targets := func(v View) map[string]any {
		all := map[string]any{}
		for _, t := range v.Record.Catalogue.Targets {
			all[string(t.ID)] = t
		}
		return all
	}
	for _, part := range []struct {
		kind    string
		entries func(View) map[string]any
	}{{"need", needs}, {"target", targets}} {
		ids := map[string]bool{}
		var entries []map[string]any
		for _, v := range views {
			entries = append(entries, part.entries(v))
			for id := range entries[len(entries)-1] {
				ids[id] = true
			}
		}
		for _, id := range sortedKeys(ids) {
			if d := differenceOf(part.kind, id, entries); d != nil {
				list = append(list, *d)
			}
		}
	}
	return list
}

// differenceOf is nil when every run has the entry in one form.
func differenceOf(kind, id string, entries []map[string]any) *difference {
	d := &difference{kind: kind, id: id}
	var forms []any
	for i, all := range entries {
		if form, has := all[id]; has {
			d.runs, forms = append(d.runs, i), append(forms, form)
		}
	}
	d.fields = fieldsOf(forms)
	if len(d.runs) == len(entries) && len(d.fields) == 0 {
		return nil
	}
	for _, form := range forms[1:] {
		a, isTarget := forms[0].(catalogue.Target)
		b, _ := form.(catalogue.Target)
		d.demand = d.demand || isTarget && !sameDemand(&a, &b)
	}
	d.demand = d.demand || kind == "target" && len(d.runs) < len(entries)
	return d
}

// sameDemand leaves titles and sources aside.
func sameDemand(a, b *catalogue.Target) bool {
	bare := func(t *catalogue.Target) catalogue.Target {
		return catalogue.Target{Need: t.Need, Role: t.Role, Weight: t.Weight, States: t.States, Validity: t.Validity,
			Functional: t.Functional, Quantitative: t.Quantitative, Manual: t.Manual}
	}
	return reflect.DeepEqual(bare(a), bare(b))
}

// fieldsOf compares the forms of one entry field by field, as their files have
// them. Of a list only what not all forms have is written out.
func fieldsOf(forms []any) []fieldDifference {
	var flat []map[string]any
	names := map[string]bool{}
	for _, form := range forms {
		fields := map[string]any{}
		flatten("", plain(form), fields)
		flat = append(flat, fields)
		for name := range fields {
			names[name] = true
		}
	}
	var list []fieldDifference
	for _, name := range sortedKeys(names) {
		f := fieldDifference{name: name}
		var values []any
		for _, fields := range flat {
			values = append(values, fields[name])
		}
		for _, v := range values {
			f.values = append(f.values, valueText(v, values))
		}
		if slices.ContainsFunc(values, func(v any) bool { return !reflect.DeepEqual(v, values[0]) }) {
			list = append(list, f)
		}
	}
	return list
}

// plain is a value as JSON has it.
func plain(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		return err.Error()
	}
	return out
}

func flatten(at string, v any, into map[string]any) {
	fields, ok := v.(map[string]any)
	if !ok {
		into[at] = v
		return
	}
	for name, value := range fields {
		if at != "" {
			name = at + "." + name
		}
		flatten(name, value, into)
	}
}

func valueText(v any, all []any) string {
	items, ok := v.([]any)
	if !ok {
		if v == nil {
			return ""
		}
		return fmt.Sprint(v)
	}
	var own []string
	for _, item := range items {
		everywhere := !slices.ContainsFunc(all, func(other any) bool {
			list, _ := other.([]any)
			return !slices.ContainsFunc(list, func(x any) bool { return reflect.DeepEqual(x, item) })
		})
		if !everywhere {
			own = append(own, itemText(item))
		}
	}
	if len(own) == 0 {
		return fmt.Sprint(len(items))
	}
	return fmt.Sprintf("%d: %s", len(items), strings.Join(own, ", "))
}

func itemText(item any) string {
	fields, ok := item.(map[string]any)
	if !ok {
		return fmt.Sprint(item)
	}
	var parts []string
	for _, name := range sortedKeys(fields) {
		parts = append(parts, fmt.Sprint(fields[name]))
	}
	return strings.Join(parts, " ")
}
