package report

import (
	"strconv"
	"strings"

	"aloi.dev/internal/demonstrator/evidence"
)

// stockRow is what one service of an offer held before and after.
type stockRow struct {
	Offer, Service, Before, After, Remark string
	Wrong                                 bool // something is left, or could not be read
}

func (b *builder) stock() []stockRow {
	var rows []stockRow
	for _, o := range b.view.Record.Offers {
		for _, pair := range stockOf(b.view.Record.Inventories, string(o.ID)) {
			row := stockRow{Offer: b.view.name(o.ID), Service: visible(pair.service), Before: b.held(pair.before), After: b.held(pair.after)}
			row.Remark, row.Wrong = b.stockRemark(pair)
			rows = append(rows, row)
		}
	}
	return rows
}

// stockPair is the two inventories of one service; nil where none was taken.
type stockPair struct {
	service       string
	before, after *evidence.Inventory
}

func stockOf(list []evidence.Inventory, offer string) []stockPair {
	var pairs []stockPair
	at := map[string]int{}
	for i := range list {
		inventory := &list[i]
		if string(inventory.Offer) != offer {
			continue
		}
		n, known := at[inventory.Service]
		if !known {
			n = len(pairs)
			at[inventory.Service] = n
			pairs = append(pairs, stockPair{service: inventory.Service})
		}
		if inventory.When == "after" {
			pairs[n].after = inventory
		} else {
			pairs[n].before = inventory
		}
	}
	return pairs
}

func (b *builder) held(i *evidence.Inventory) string {
	if i == nil || i.Error != "" {
		return b.word("unread")
	}
	return b.word("held", b.number(int64(len(i.Ours))), b.number(int64(i.Others)))
}

const namesShown = 5

func (b *builder) stockRemark(p stockPair) (remark string, wrong bool) {
	for _, i := range []*evidence.Inventory{p.before, p.after} {
		if i != nil && i.Error != "" {
			return visible(i.Error), true
		}
	}
	switch {
	case p.before == nil || p.after == nil:
		return b.word("unread"), true
	case len(p.after.Ours) > 0:
		names, more := p.after.Ours, 0
		if len(names) > namesShown {
			names, more = names[:namesShown], len(names)-namesShown
		}
		text := visible(strings.Join(names, ", "))
		if more > 0 {
			text = b.word("inventory.more", text, b.number(int64(more)))
		}
		return b.word("inventory.remains", text), true
	case p.before.Others != p.after.Others:
		return b.word("inventory.clean") + narrow + "; " + b.word("inventory.moved"), false
	}
	return b.word("inventory.clean"), false
}

func (b *builder) machine() []fact {
	r := b.view.Record
	e := r.Environment
	return []fact{
		{Name: b.word("tool"), Value: b.word("tool.is", version(e), visible(e.OS), visible(e.Arch), b.plural(e.CPUs, "cpus"))},
		{Name: b.word("binary"), Value: orDash(visible(e.Binary)), Code: true},
		{Name: b.word("seed"), Value: strconv.FormatUint(r.Plan.Seed, 10), Code: true},
		{Name: b.word("parallel"), Value: b.number(int64(r.Plan.Parallel))},
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
