package oci

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const pushManifests = "OCI Distribution Spec 1.1.1, Pushing Manifests, end-7"

var manifestChecks = []probe.Check{
	{
		ID: "oci/manifest/put-tag", Rule: pushManifests,
		Title: lang.T("Un manifeste s'envoie sous une étiquette", "A manifest is pushed under a tag"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Image("put")
			p.wantStored(p.Put("v1.0", m), m)
			p.Get("manifests/v1.0").WantContent(m)
		}),
	},
	{
		ID: "oci/manifest/put-digest", Rule: pushManifests,
		Title: lang.T("Un manifeste s'envoie sous son empreinte, sans étiquette", "A manifest is pushed under its digest, without a tag"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Image("put")
			p.wantStored(p.Put(m.digest(), m), m)
		}),
	},
	{
		ID: "oci/manifest/exact-bytes", Rule: pushManifests + ": the exact byte representation",
		Title: lang.T("Un manifeste garde chaque octet, espaces et champs inconnus compris", "A manifest keeps every byte, spaces and unknown fields included"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Image("exact", noted("fr.aloi.nom", "épreuve <&> \u2028"))
			m.body = []byte(strings.Replace(string(m.body), `{"schemaVersion":2`, "{\n\t \"fr.aloi.unknown\" : [1.0, null],\r\n  \"schemaVersion\" :  2", 1) + "\n")
			p.wantStored(p.Put("exact", m), m)
			p.Get("manifests/exact").WantContent(m)
		}),
	},
	{
		ID: "oci/manifest/digest-mismatch", Rule: digestRule,
		Title: lang.T("Un manifeste envoyé sous l'empreinte d'un autre est refusé", "A manifest pushed under another's digest is refused"),
		Run: in(func(_ *probe.T, p *Repo) {
			sent, announced := p.Image("sent"), p.Blob("announced", 10).digest()
			p.OwnManifests(sent.digest(), announced)
			p.put(announced, sent).WantRefusal(http.StatusBadRequest, "DIGEST_INVALID", "MANIFEST_INVALID")
			p.Get("manifests/"+announced).WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN", "NAME_UNKNOWN")
		}),
	},
	{
		ID: "oci/manifest/invalid", Rule: "OCI Distribution Spec 1.1.1, Error Codes, MANIFEST_INVALID",
		Title: lang.T("Ce qui n'est pas un manifeste est refusé et ne prend pas l'étiquette", "What is no manifest is refused and doesn't take the tag"),
		Run: in(func(t *probe.T, p *Repo) {
			for _, body := range []string{"no JSON", `["a list"]`, ""} {
				bad := content{imageType, []byte(body)}
				a := p.Put("bad", bad)
				t.Want(slices.Contains([]int{400, 404, 415, 422}, a.Status), a.Did+" with "+fmt.Sprintf("%q", body), a.Got(), "a refusal, 400 MANIFEST_INVALID")
				p.Get("manifests/bad").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN", "NAME_UNKNOWN")
			}
		}),
	},
	{
		ID: "oci/manifest/blob-unknown", Rule: "OCI Distribution Spec 1.1.1, Push, MANIFEST_BLOB_UNKNOWN",
		Title: lang.T("Un manifeste dont il manque un blob est gardé, ou refusé pour cette raison", "A manifest that lacks a blob is kept, or refused for that reason"),
		Run:   in(blobUnknown),
	},
	{
		ID: "oci/manifest/tag-moves", Rule: pushManifests,
		Title: lang.T("Une étiquette renvoyée mène au nouveau manifeste, et l'ancien reste", "A tag that is pushed again leads to the new manifest, and the old one stays"),
		Run: in(func(_ *probe.T, p *Repo) {
			old := p.Tag("latest")
			fresh := p.Image("fresh")
			p.Put("latest", fresh).Want(http.StatusCreated)
			p.Get("manifests/latest").WantContent(fresh)
			p.Get("manifests/" + old.digest()).WantContent(old)
		}),
	},
	{
		ID: "oci/manifest/large", Rule: pushManifests + ": manifests of at least 4 megabytes",
		Title: lang.T("Un manifeste de quatre mégaoctets se garde à l'identique", "A manifest of four megabytes is kept unchanged"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Image("large", sized(4_000_000-2000))
			p.Put("large", m).Want(http.StatusCreated)
			p.Get("manifests/large").WantContent(m)
		}),
	},
	{
		ID: "oci/manifest/over-limit", Rule: pushManifests + ": 413 over the limit",
		Title: lang.T("Un manifeste au-delà de la limite du registre reçoit 413", "A manifest over the registry's limit gets 413"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Image("over", sized(6<<20))
			if a := p.Put("over", m).Want(http.StatusCreated, http.StatusRequestEntityTooLarge); a.Status == http.StatusCreated {
				p.Get("manifests/over").WantContent(m) // no limit, or a higher one
			}
		}),
	},
	{
		ID: "oci/manifest/tag-parameter", Rule: "OCI Distribution Spec 1.2-dev, Pushing Manifests, end-7b", Features: []string{tagParameter},
		Title: lang.T("Un manifeste reçoit dix étiquettes d'une seule requête", "A manifest gets ten tags with a single request"),
		Run:   in(tagParameters),
	},
}

// wantStored ends the check unless an answer says that a manifest was stored, and it
// is there: at the address given, and under its digest.
func (p *Repo) wantStored(a Answer, m content) {
	at := a.Want(http.StatusCreated).WantDigest(m).Location()
	p.Do(Request{Method: http.MethodGet, At: at, Header: accept("manifests/")}).WantContent(m).WantType(m.kind)
	p.Get("manifests/" + m.digest()).WantContent(m).WantType(m.kind)
}

// sized makes a manifest that large, in bytes, give or take a few hundred.
func sized(n int) func(*image) {
	return func(m *image) {
		const each = 10_000
		for i := range n / each {
			noted(fmt.Sprintf("fr.aloi.%d", i), strings.Repeat("a", each-20))(m)
		}
	}
}

func blobUnknown(t *probe.T, p *Repo) {
	absent := p.Blob("absent", 100)
	m := p.Image("incomplete", func(m *image) { m.Layers = append(m.Layers, absent.descriptor()) })
	a := p.Put("incomplete", m)
	if a.Status == http.StatusCreated {
		p.Get("manifests/incomplete").WantContent(m)
		return
	}
	named := len(a.Codes) == 0 || slices.Contains(a.Codes, "MANIFEST_BLOB_UNKNOWN")
	t.Want(a.Status >= 400 && a.Status < 500 && named, a.Did+" without one of its blobs", a.Got(), "201, or a refusal with MANIFEST_BLOB_UNKNOWN")
	p.Get("manifests/incomplete").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN", "NAME_UNKNOWN")
}

func tagParameters(t *probe.T, p *Repo) {
	m := p.Image("tags")
	query := url.Values{}
	var want []string
	for i := range 10 {
		want = append(want, fmt.Sprintf("t%d", i))
		query.Add("tag", want[i])
	}
	p.OwnManifests(m.digest())
	a := p.Do(Request{Method: http.MethodPut, Path: "manifests/" + m.digest(), Query: query, Body: m.body, Header: []string{"Content-Type", m.kind}})
	a.Did = "PUT manifests/" + short(m.digest()) + " with 10 tag parameters"
	a.Want(http.StatusCreated)
	var got []string
	for _, value := range a.Header.Values("Oci-Tag") {
		for tag := range strings.SplitSeq(value, ",") {
			got = append(got, strings.TrimSpace(tag))
		}
	}
	slices.Sort(got)
	t.Want(slices.Equal(got, want), a.Did, fmt.Sprintf("%d with OCI-Tag %q", a.Status, strings.Join(got, ", ")), "OCI-Tag with each tag")
	for _, tag := range want {
		p.Head("manifests/" + tag).Want(http.StatusOK).WantDigest(m).WantSize(m)
	}
}
