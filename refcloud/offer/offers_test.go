package offer_test

import (
	"slices"
	"strings"
	"testing"

	"aloi.dev/refcloud/offer"
	"aloi.dev/refcloud/service"
)

func TestServices(t *testing.T) {
	t.Parallel()
	all := offer.Services{
		{Name: "a", Needs: []string{"n1", "n2"}, Faults: []service.Entry{{Name: "a.one"}}, Demo: []string{"a.one"}},
		{Name: "b", Needs: []string{"n2", "n3"}, Variations: []service.Entry{{Name: "b.two"}}},
	}
	if some, err := all.Only(nil); err != nil || len(some) != 2 || !slices.Equal(some.Needs(), []string{"n1", "n2", "n3"}) {
		t.Errorf("%v %v", some, err)
	}
	if _, err := all.Only([]string{"a", "bb"}); err == nil || !strings.Contains(err.Error(), `did you mean "b"?`) {
		t.Errorf("%v", err)
	}
	b, err := all.Only([]string{"b"})
	if err != nil || len(b) != 1 || !slices.Equal(b.Needs(), []string{"n2", "n3"}) || len(b.Demo()) != 0 || b.Variations()[0].Service != "b" {
		t.Errorf("%v %v", b, err)
	}
	if b.Check(service.Set{Faults: []string{"a.one"}}) == nil || b.Check(service.Set{Variations: []string{"b.two"}}) != nil || all.Check(service.Set{Faults: []string{"a.one"}}) != nil {
		t.Error("a set may name what its own services know, and nothing else")
	}
}

// TestNames: a name means one thing in the whole cloud, and says of which service
// it is.
func TestNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range slices.Concat(offer.Kinds.Faults(), offer.Kinds.Variations()) {
		if seen[e.Name] || e.Service != "s3" && !strings.HasPrefix(e.Name, e.Service+".") {
			t.Errorf("%s of %s", e.Name, e.Service)
		}
		seen[e.Name] = true
	}
	for _, k := range offer.Kinds {
		if len(k.Needs) == 0 {
			t.Errorf("%s positions an offer on no need", k.Name)
		}
		for _, f := range k.Faults {
			if !strings.HasPrefix(f.Name, k.Name+".") {
				t.Errorf("fault %s of %s", f.Name, k.Name)
			}
		}
	}
}
