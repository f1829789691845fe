package oci

import (
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

const (
	deletingTags      = "OCI Distribution Spec 1.1.1, Deleting tags, end-9"
	deletingManifests = "OCI Distribution Spec 1.1.1, Deleting Manifests, end-9"
	deletingBlobs     = "OCI Distribution Spec 1.1.1, Deleting Blobs, end-10"
)

var deleteChecks = []probe.Check{
	{
		ID: "oci/delete/tag", Rule: deletingTags, Features: []string{tagDeletion},
		Title: lang.T("Une étiquette supprimée ne mène plus à rien, aussitôt", "A deleted tag leads nowhere, at once"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Tag("v1")
			p.Delete("manifests/v1").Want(http.StatusAccepted)
			p.Get("manifests/v1").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN", "NAME_UNKNOWN")
			p.Head("manifests/v1").WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/delete/tag-only", Rule: deletingTags, Features: []string{tagDeletion},
		Title: lang.T("Supprimer une étiquette laisse les autres du même manifeste", "Deleting a tag leaves the others of the same manifest"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			p.Put("v2", m).Want(http.StatusCreated)
			p.Delete("manifests/v1").Want(http.StatusAccepted)
			p.Get("manifests/v2").WantContent(m)
			a, list := p.tags()
			p.wantList(a.Did, list.Tags, []string{"v2"})
		}),
	},
	{
		ID: "oci/delete/manifest", Rule: deletingManifests, Features: []string{deletion},
		Title: lang.T("Un manifeste supprimé n'existe plus, ni par empreinte ni par étiquette", "A deleted manifest is gone, by digest and by tag"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			p.Delete("manifests/" + m.digest()).Want(http.StatusAccepted)
			p.Get("manifests/"+m.digest()).WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN", "NAME_UNKNOWN")
			p.Get("manifests/v1").WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN", "NAME_UNKNOWN")
		}),
	},
	{
		ID: "oci/delete/manifest-only", Rule: deletingManifests, Features: []string{deletion},
		Title: lang.T("Supprimer un manifeste laisse les autres et leurs blobs communs", "Deleting a manifest leaves the others and the blobs that they share"),
		Run: in(func(_ *probe.T, p *Repo) {
			kept := p.Image("shared")
			p.Put("kept", kept).Want(http.StatusCreated)
			gone := content{imageType, append([]byte(" "), kept.body...)}
			p.Put("gone", gone).Want(http.StatusCreated)
			p.Delete("manifests/" + gone.digest()).Want(http.StatusAccepted)
			p.Get("manifests/kept").WantContent(kept)
			layer := p.Blob("shared", 600)
			p.Get("blobs/" + layer.digest()).WantContent(layer)
		}),
	},
	{
		ID: "oci/delete/manifest-missing", Rule: deletingManifests + ": the repository doesn't exist", Features: []string{deletion},
		Title: lang.T("Supprimer un manifeste d'un dépôt absent répond 404", "Deleting a manifest of a missing repository answers 404"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Delete("manifests/"+p.Blob("missing", 10).digest()).WantRefusal(http.StatusNotFound, "MANIFEST_UNKNOWN", "NAME_UNKNOWN")
		}),
	},
	{
		ID: "oci/delete/blob", Rule: deletingBlobs, Features: []string{blobDeletion},
		Title: lang.T("Un blob supprimé n'existe plus, aussitôt", "A deleted blob is gone, at once"),
		Run: in(func(_ *probe.T, p *Repo) {
			c := p.Push(p.Blob("deleted", 500))
			p.Delete("blobs/" + c.digest()).Want(http.StatusAccepted)
			p.Get("blobs/"+c.digest()).WantRefusal(http.StatusNotFound, "BLOB_UNKNOWN", "NAME_UNKNOWN")
			p.Head("blobs/" + c.digest()).WantRefusal(http.StatusNotFound)
		}),
	},
	{
		ID: "oci/delete/blob-missing", Rule: deletingBlobs + ": 404", Features: []string{blobDeletion},
		Title: lang.T("Supprimer un blob absent répond 404", "Deleting a missing blob answers 404"),
		Run: in(func(_ *probe.T, p *Repo) {
			p.Push(p.Blob("there", 50))
			p.Delete("blobs/"+p.Blob("missing", 10).digest()).WantRefusal(http.StatusNotFound, "BLOB_UNKNOWN")
		}),
	},
	{
		ID: "oci/delete/blob-only", Rule: deletingBlobs + ": <name> is the namespace of the repository", Features: []string{blobDeletion},
		Title: lang.T("Supprimer un blob d'un dépôt le laisse à un autre", "Deleting a repository's blob leaves another's"),
		Run: in(func(t *probe.T, p *Repo) {
			c := p.Push(p.Blob("common", 700))
			other := p.reg.Repo(t)
			other.Push(c)
			p.Delete("blobs/" + c.digest()).Want(http.StatusAccepted)
			other.Get("blobs/" + c.digest()).WantContent(c)
		}),
	},
	{
		ID: "oci/delete/pushed-again", Rule: postPut, Features: []string{deletion, blobDeletion},
		Title: lang.T("Ce qui a été supprimé se renvoie et se relit", "What was deleted can be pushed again and read back"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Tag("v1")
			layer := p.Blob("v1", 600)
			p.Delete("manifests/" + m.digest()).Want(http.StatusAccepted)
			p.Delete("blobs/" + layer.digest()).Want(http.StatusAccepted)
			p.upload(layer)
			p.put("v1", m).Want(http.StatusCreated)
			p.Get("manifests/v1").WantContent(m)
			p.Get("blobs/" + layer.digest()).WantContent(layer)
		}),
	},
}
