package oci

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const (
	referring = "OCI Distribution Spec 1.1.1, Listing Referrers, end-12a"
	subjects  = "OCI Distribution Spec 1.1.1, Pushing Manifests with Subject"
)

var referrerChecks = []probe.Check{
	{
		ID: "oci/referrers/subject", Rule: subjects + ", OCI-Subject", Features: []string{referrersAPI},
		Title: lang.T("Le registre dit qu'il a compris le sujet d'un manifeste", "The registry says that it has processed a manifest's subject"),
		Run: in(func(_ *probe.T, p *Repo) {
			subject := p.Tag("v1")
			m := p.Artifact(sbomType, about(subject))
			p.wantStored(p.Put(m.digest(), m).WantHeader("Oci-Subject", subject.digest()), m)
		}),
	},
	{
		ID: "oci/referrers/subject-missing", Rule: "OCI Distribution Spec 1.1.1, Push: a subject that doesn't exist MUST be accepted",
		Title: lang.T("Un manifeste dont le sujet n'existe pas encore est accepté", "A manifest whose subject doesn't exist yet is accepted"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Artifact(sbomType, about(content{imageType, []byte("not pushed to " + p.Name)}))
			p.wantStored(p.Put(m.digest(), m), m)
		}),
	},
	{
		ID: "oci/referrers/list", Rule: referring, Features: []string{referrersAPI},
		Title: lang.T("Les référents d'un manifeste se listent avec type, taille, empreinte et annotations", "A manifest's referrers are listed with type, size, digest and annotations"),
		Run:   in(listReferrers),
	},
	{
		ID: "oci/referrers/config-type", Rule: referring + ", artifactType", Features: []string{referrersAPI},
		Title: lang.T("Sans type d'artéfact, un référent a celui de sa configuration", "Without an artifact type, a referrer has that of its configuration"),
		Run: in(func(_ *probe.T, p *Repo) {
			subject := p.Tag("v1")
			m := p.Image("plain", about(subject))
			p.Put(m.digest(), m).Want(http.StatusCreated)
			want := m.descriptor()
			want.ArtifactType = configType
			p.wantReferrers(subject.digest(), want)
		}),
	},
	{
		ID: "oci/referrers/index", Rule: referring + ", artifactType of an index", Features: []string{referrersAPI},
		Title: lang.T("Un index peut être un référent, et n'a de type que le sien", "An index can be a referrer, and has no type but its own"),
		Run: in(func(_ *probe.T, p *Repo) {
			subject := p.Tag("v1")
			x, _ := p.index("referring", func(x *index) {
				d := subject.descriptor()
				x.Subject = &d
			})
			p.Put(x.digest(), x).Want(http.StatusCreated)
			p.wantReferrers(subject.digest(), x.descriptor())
		}),
	},
	{
		ID: "oci/referrers/filter", Rule: "OCI Distribution Spec 1.1.1, Listing Referrers, end-12b", Features: []string{referrersAPI},
		Title: lang.T("Les référents d'un type se trouvent, filtrés par le registre s'il dit l'avoir fait", "The referrers of a type are found, filtered by the registry if it says so"),
		Run:   in(filterReferrers),
	},
	{
		ID: "oci/referrers/none", Rule: referring + ": an empty list, never 404", Features: []string{referrersAPI},
		Title: lang.T("Un manifeste sans référent a une liste vide", "A manifest without referrers has an empty list"),
		Run: in(func(_ *probe.T, p *Repo) {
			subject := p.Tag("v1")
			p.wantReferrers(subject.digest())
			p.wantReferrers(p.Blob("nothing", 10).digest())
		}),
	},
	{
		ID: "oci/referrers/early", Rule: "OCI Distribution Spec 1.1.1, Push: referrers and subject in either order", Features: []string{referrersAPI},
		Title: lang.T("Un référent arrivé avant son sujet est listé", "A referrer that came before its subject is listed"),
		Run: in(func(_ *probe.T, p *Repo) {
			subject := p.Image("late")
			m := p.Artifact(sbomType, about(subject))
			p.Put(m.digest(), m).Want(http.StatusCreated)
			want := m.descriptor()
			want.ArtifactType = sbomType
			p.wantReferrers(subject.digest(), want)
			p.Put("v1", subject).Want(http.StatusCreated)
			p.wantReferrers(subject.digest(), want)
		}),
	},
	{
		ID: "oci/referrers/invalid", Rule: referring + ": 400 for an invalid digest", Features: []string{referrersAPI},
		Title: lang.T("Les référents de ce qui n'est pas une empreinte sont refusés", "The referrers of what is no digest are refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Tag("v1")
			p.Get("referrers/sha256:nonsense").WantRefusal(http.StatusBadRequest, "DIGEST_INVALID", "UNSUPPORTED", "MANIFEST_INVALID")
		}),
	},
	{
		ID: "oci/referrers/other-repository", Rule: referring + ": in the same <name> namespace", Features: []string{referrersAPI},
		Title: lang.T("Les référents d'un dépôt ne se voient pas depuis un autre", "A repository's referrers aren't seen from another"),
		Run: in(func(t *probe.T, p *Repo) {
			subject := p.Tag("v1")
			m := p.Artifact(sbomType, about(subject))
			p.Put(m.digest(), m).Want(http.StatusCreated)
			other := p.reg.Repo(t)
			other.Tag("v1")
			other.wantReferrers(subject.digest())
		}),
	},
	{
		ID: "oci/referrers/deleted", Rule: referring, Features: []string{referrersAPI, deletion},
		Title: lang.T("Un référent supprimé quitte la liste", "A deleted referrer leaves the list"),
		Run: in(func(_ *probe.T, p *Repo) {
			subject := p.Tag("v1")
			m := p.Artifact(sbomType, about(subject))
			p.Put(m.digest(), m).Want(http.StatusCreated)
			p.Delete("manifests/" + m.digest()).Want(http.StatusAccepted)
			p.wantReferrers(subject.digest())
		}),
	},
}

// referrers reads the whole list, page by page.
func (p *Repo) referrers(subject string, query ...string) (Answer, []descriptor) {
	var found []descriptor
	r := Request{Method: http.MethodGet, Path: "referrers/" + subject, Query: pairs(query)}
	for range mostPages {
		a := p.Do(r).Want(http.StatusOK).WantType(indexType)
		var doc struct {
			SchemaVersion int
			MediaType     string
			Manifests     *[]descriptor
		}
		a.JSON(&doc)
		p.t.Want(doc.SchemaVersion == 2 && doc.MediaType == indexType && doc.Manifests != nil, a.Did, a.Got()+" that are not an image index", "an image index")
		found = append(found, *doc.Manifests...)
		next := nextPage(a)
		if next == nil {
			return a, found
		}
		r = Request{Method: http.MethodGet, At: next}
	}
	p.t.Fail("GET referrers/"+short(subject), fmt.Sprintf("%d pages and no end", mostPages), "the list of its referrers")
	return Answer{}, nil
}

// wantReferrers ends the check unless the referrers of a subject are these, in any
// order, each as described.
func (p *Repo) wantReferrers(subject string, want ...descriptor) {
	a, got := p.referrers(subject)
	p.wantDescriptors(a.Did, got, want)
}

func (p *Repo) wantDescriptors(did string, got, want []descriptor) {
	has, wants := sentences(got), sentences(want)
	if slices.Equal(has, wants) {
		return
	}
	in := func(list []string) func(string) bool { return func(s string) bool { return slices.Contains(list, s) } }
	extra, missing := slices.DeleteFunc(slices.Clone(has), in(wants)), slices.DeleteFunc(wants, in(has))
	p.t.Fail(did, clip(fmt.Sprintf("%d referrers, among them %q", len(has), strings.Join(extra, "; "))),
		clip(fmt.Sprintf("%d, among them %q", len(want), strings.Join(missing, "; "))))
}

// sentences describes each referrer in one line, sorted.
func sentences(list []descriptor) []string {
	out := []string{}
	for _, d := range list {
		line := fmt.Sprintf("%s of %d bytes, %s, %s", short(d.Digest), d.Size, d.MediaType, d.ArtifactType)
		for _, key := range slices.Sorted(maps.Keys(d.Annotations)) {
			line += ", " + key + "=" + d.Annotations[key]
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// twoReferrers pushes an SBOM and a signature of an image.
func (p *Repo) twoReferrers(subject content) (sbom, signature descriptor) {
	for kind, into := range map[string]*descriptor{sbomType: &sbom, signatureOfA: &signature} {
		m := p.Artifact(kind, about(subject), noted("fr.aloi.tool", "épreuve"), noted("fr.aloi.kind", kind))
		p.Put(m.digest(), m).Want(http.StatusCreated)
		*into = m.descriptor()
		into.ArtifactType = kind
		into.Annotations = map[string]string{"fr.aloi.tool": "épreuve", "fr.aloi.kind": kind}
	}
	return sbom, signature
}

func listReferrers(_ *probe.T, p *Repo) {
	subject := p.Tag("v1")
	sbom, signature := p.twoReferrers(subject)
	p.wantReferrers(subject.digest(), sbom, signature)
}

// filterReferrers accepts a registry that doesn't filter: its clients do.
func filterReferrers(_ *probe.T, p *Repo) {
	subject := p.Tag("v1")
	sbom, signature := p.twoReferrers(subject)
	a, got := p.referrers(subject.digest(), "artifactType", sbomType)
	if strings.Contains(a.Header.Get("Oci-Filters-Applied"), "artifactType") {
		p.wantDescriptors(a.Did, got, []descriptor{sbom})
		return
	}
	p.wantDescriptors(a.Did+", which says of no filter", got, []descriptor{sbom, signature})
}
