package oci

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var apiChecks = []probe.Check{
	{
		ID: "oci/api/ping", Rule: "OCI Distribution Spec 1.1.1, Determining Support, end-1",
		Title: lang.T("Le registre dit qu'il suit la spécification", "The registry says that it implements the specification"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Do(Request{Method: http.MethodGet, Path: "/v2/"}).Want(http.StatusOK)
			p.Get("manifests/none").WantRefusal(http.StatusNotFound) // it doesn't say 200 to everything
		}),
	},
	{
		ID: "oci/api/errors", Rule: "OCI Distribution Spec 1.1.1, Error Codes",
		Title: lang.T("Une erreur en JSON a la forme et l'un des codes de la spécification", "An error in JSON has the form and one of the codes of the specification"),
		Run:   in(wantErrors),
	},
	{
		ID: "oci/api/name-invalid", Rule: "OCI Distribution Spec 1.1.1, Pulling manifests, <name>",
		Title: lang.T("Un nom de dépôt interdit n'ouvre pas d'envoi", "A repository name that is forbidden opens no upload"),
		Run: in(func(t *probe.T, p *Repo) {
			for _, name := range []string{"UPPER", "end-", "double..dot"} {
				a := p.Do(Request{Method: http.MethodPost, Path: "/v2/" + p.Name + "/" + name + "/blobs/uploads/", Scope: allOf(p.Name + "/" + name)})
				t.Want(a.Status >= 400 && a.Status < 500, a.Did, a.Got(), "a refusal: the name doesn't match the specification's pattern")
			}
		}),
	},
	{
		ID: "oci/api/nested-name", Rule: "OCI Distribution Spec 1.1.1, Pulling manifests, <name>",
		Title: lang.T("Un nom de dépôt peut avoir plusieurs niveaux", "A repository's name may have several levels"),
		Run: in(func(_ *probe.T, p *Repo) {
			nested := p.below("equipe/app_1.x--y")
			m := nested.Tag("v1")
			nested.Get("manifests/v1").WantContent(m)
		}),
	},
}

// codes are those of the specification, and no other may be used.
var codes = []string{
	"BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN", "MANIFEST_INVALID",
	"MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED", "DENIED", "UNSUPPORTED", "TOOMANYREQUESTS",
}

// wantErrors provokes an error of each kind of address. A body that isn't JSON is
// allowed.
func wantErrors(t *probe.T, p *Repo) {
	p.Tag("v1")
	missing := p.Blob("missing", 10).digest()
	for _, a := range []Answer{
		p.Get("manifests/missing").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN"),
		p.Get("manifests/"+missing).WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN"),
		p.Get("blobs/"+missing).WantRefusal(http.StatusNotFound, "BLOB_UNKNOWN"),
		p.Close(p.Begin(), missing, []byte("other bytes")).WantRefusal(http.StatusBadRequest, "DIGEST_INVALID"),
		p.Do(Request{Method: http.MethodPost, Path: "blobs/uploads/", As: anonymous}).Want(http.StatusUnauthorized, http.StatusForbidden),
	} {
		if !strings.Contains(a.Header.Get("Content-Type"), "json") {
			continue
		}
		t.Want(len(a.Codes) > 0, a.Did, a.Got()+" of a JSON type, without errors", "the document errors, each with a code")
		for _, code := range a.Codes {
			t.Want(slices.Contains(codes, code), a.Did, fmt.Sprintf("%d with the code %q", a.Status, code), "a code of the specification")
		}
	}
}
