package oci

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const (
	listing = "OCI Distribution Spec 1.1.1, Listing Tags, end-8a"
	paging  = "OCI Distribution Spec 1.1.1, Listing Tags, end-8b"
)

var tagChecks = []probe.Check{
	{
		ID: "oci/tags/list", Rule: listing,
		Title: lang.T("La liste des étiquettes est complète et triée", "The list of tags is complete and sorted"),
		Run: in(func(t *probe.T, p *Repo) {
			want := p.tagged()
			a, page := p.tags()
			t.Want(page.Name == p.Name, a.Did, fmt.Sprintf("the name %q", page.Name), "the name "+p.Name)
			p.wantList(a.Did, page.Tags, want)
		}),
	},
	{
		ID: "oci/tags/pages", Rule: paging + ", the Link header",
		Title: lang.T("Les pages d'une liste d'étiquettes la couvrent, chacune une fois", "The pages of a list of tags cover it, each tag once"),
		Run:   in(pages),
	},
	{
		ID: "oci/tags/last", Rule: paging + ", last",
		Title: lang.T("Une liste commence après l'étiquette que l'on dit", "A list begins after the tag that is named"),
		Run: in(func(_ *probe.T, p *Repo) {
			want := p.tagged()
			a, page := p.tags("last", want[1])
			p.wantList(a.Did, page.Tags, want[2:])
			a, page = p.tags("last", want[0], "n", "2")
			p.wantList(a.Did, page.Tags, want[1:3])
		}),
	},
	{
		ID: "oci/tags/none", Rule: paging + ": n is zero",
		Title: lang.T("Une page de zéro étiquette est vide, et la dernière", "A page of zero tags is empty, and the last"),
		Run: in(func(t *probe.T, p *Repo) {
			p.Tag("v1")
			a, page := p.tags("n", "0")
			p.wantList(a.Did, page.Tags, nil)
			t.Want(a.Header.Get("Link") == "", a.Did, "Link "+a.Header.Get("Link"), "no Link")
		}),
	},
	{
		ID: "oci/tags/repository-missing", Rule: listing + ", failure 404",
		Title: lang.T("La liste d'un dépôt absent répond 404", "The list of a missing repository answers 404"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Get("tags/list").WantRefusal(http.StatusNotFound, "NAME_UNKNOWN")
		}),
	},
	{
		ID: "oci/tags/longest", Rule: "OCI Distribution Spec 1.1.1, Pulling manifests, tags",
		Title: lang.T("Une étiquette de 128 caractères, majuscules comprises, se garde telle quelle", "A tag of 128 characters, capitals included, is kept as it is"),
		Run: in(func(_ *probe.T, p *Repo) {
			tag := "_V1.0-RC_" + strings.Repeat("x", 119)
			m := p.Tag(tag)
			other := p.Tag(strings.ToLower(tag))
			p.Get("manifests/" + tag).WantContent(m)
			p.Get("manifests/" + strings.ToLower(tag)).WantContent(other)
		}),
	},
	{
		ID: "oci/tags/referrers-schema", Rule: "OCI Distribution Spec 1.1.1, Referrers Tag Schema",
		Title: lang.T("L'étiquette de repli des référents se garde et se met à jour", "The fallback tag of referrers is kept and updated"),
		Run: in(func(_ *probe.T, p *Repo) {
			subject := p.Tag("v1")
			tag := strings.Replace(subject.digest(), ":", "-", 1)
			for _, kind := range []string{sbomType, signatureOfA} {
				m := p.Artifact(kind, about(subject))
				p.Put(m.digest(), m).Want(http.StatusCreated)
				d := m.descriptor()
				d.ArtifactType = kind
				x := manifest(indexType, index{SchemaVersion: 2, MediaType: indexType, Manifests: []descriptor{d}})
				p.Put(tag, x).Want(http.StatusCreated)
				p.Get("manifests/" + tag).WantContent(x).WantType(indexType)
			}
		}),
	},
}

// page is one answer of the list of tags.
type page struct {
	Name string
	Tags []string
}

func (p *Repo) tags(query ...string) (Answer, page) {
	a := p.Do(Request{Method: http.MethodGet, Path: "tags/list", Query: pairs(query)}).Want(http.StatusOK)
	var doc page
	a.JSON(&doc)
	return a, doc
}

// tagged gives one image five tags, whose order is the same in every alphabet, and
// returns them sorted. One is named as a server's own files may be.
func (p *Repo) tagged() []string {
	m := p.Image("tagged")
	p.OwnManifests(m.digest())
	want := []string{"a1", "b2", "c3", "d4", "index"}
	for _, tag := range []string{"d4", "a1", "index", "c3", "b2"} {
		p.put(tag, m).Want(http.StatusCreated)
	}
	return want
}

// pages walks the list by twos: by the Link header where there is one, else by the
// last tag, as clients of earlier versions do.
func pages(t *probe.T, p *Repo) {
	want := p.tagged()
	var got []string
	r := Request{Method: http.MethodGet, Path: "tags/list", Query: pairs([]string{"n", "2"})}
	for range len(want) + 1 {
		a := p.Do(r).Want(http.StatusOK)
		var doc page
		a.JSON(&doc)
		got = append(got, doc.Tags...)
		more := nextPage(a)
		t.Want(len(doc.Tags) <= 2, a.Did, fmt.Sprintf("%d tags", len(doc.Tags)), "2 at most")
		t.Want(len(doc.Tags) == 2 || more != nil || len(got) >= len(want), a.Did, fmt.Sprintf("%d tags without a Link, with more to come", len(doc.Tags)), "2 tags, or a Link")
		switch {
		case more != nil:
			r = Request{Method: http.MethodGet, At: more}
		case len(doc.Tags) == 2:
			r.Query = pairs([]string{"n", "2", "last", doc.Tags[1]})
		default:
			p.wantList("the pages of tags/list by 2", got, want)
			return
		}
	}
	t.Fail("the pages of tags/list by 2", "no end after "+fmt.Sprint(slices.Compact(got)), fmt.Sprintf("the %d tags", len(want)))
}
