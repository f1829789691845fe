package oci

import (
	"encoding/base64"
	"net/http"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// contentChecks: what the image specification lets a registry be asked to keep.
var contentChecks = []probe.Check{
	{
		ID: "oci/content/index", Rule: "OCI Image Spec 1.1, image index",
		Title: lang.T("Un index de deux plateformes se garde, et mène à ses images", "An index of two platforms is kept, and leads to its images"),
		Run: in(func(_ *probe.T, p *Repo) {
			x, images := p.index("multi")
			p.wantStored(p.Put("multi", x), x)
			p.Get("manifests/multi").WantContent(x).WantType(indexType)
			for _, m := range images {
				p.Get("manifests/" + m.digest()).WantContent(m).WantType(imageType)
			}
		}),
	},
	{
		ID: "oci/content/nested-index", Rule: "OCI Image Spec 1.1, image index, manifests",
		Title: lang.T("Un index d'index se garde", "An index of indexes is kept"),
		Run: in(func(_ *probe.T, p *Repo) {
			inner, _ := p.index("inner")
			p.Put(inner.digest(), inner).Want(http.StatusCreated)
			outer := manifest(indexType, index{SchemaVersion: 2, MediaType: indexType, Manifests: []descriptor{inner.descriptor()}})
			p.wantStored(p.Put("outer", outer), outer)
		}),
	},
	{
		ID: "oci/content/empty-index", Rule: "OCI Image Spec 1.1, image index, manifests",
		Title: lang.T("Un index vide se garde", "An empty index is kept"),
		Run: in(func(_ *probe.T, p *Repo) {
			x := manifest(indexType, index{SchemaVersion: 2, MediaType: indexType, Manifests: []descriptor{}, Annotations: map[string]string{"fr.aloi.repository": p.Name}})
			p.wantStored(p.Put("empty", x), x)
		}),
	},
	{
		ID: "oci/content/artifact", Rule: "OCI Image Spec 1.1, image manifest, artifact usage",
		Title: lang.T("Un artéfact qui n'est pas une image se garde", "An artifact that is no image is kept"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Artifact(sbomType)
			p.wantStored(p.Put("sbom", m), m)
		}),
	},
	{
		ID: "oci/content/no-layers", Rule: "OCI Image Spec 1.1, image manifest, layers; Distribution Spec 1.1.1, Pushing Manifests: the list of blobs MAY be empty",
		Title: lang.T("Un manifeste sans couche se garde", "A manifest without layers is kept"),
		Run: in(func(_ *probe.T, p *Repo) {
			m := p.Image("bare", func(m *image) { m.Layers = []descriptor{} })
			p.wantStored(p.Put("bare", m), m)
		}),
	},
	{
		ID: "oci/content/data-field", Rule: "OCI Image Spec 1.1, descriptor, data",
		Title: lang.T("Un manifeste qui porte des données dans ses descripteurs se garde", "A manifest that bears data in its descriptors is kept"),
		Run: in(func(_ *probe.T, p *Repo) {
			layer := p.Push(p.Blob("data", 90))
			type carrying struct {
				descriptor
				Data string `json:"data"`
			}
			config := p.Push(content{emptyType, []byte("{}")})
			m := manifest(imageType, map[string]any{
				"schemaVersion": 2, "mediaType": imageType, "artifactType": sbomType,
				"config": carrying{config.descriptor(), base64.StdEncoding.EncodeToString(config.body)},
				"layers": []carrying{{layer.descriptor(), base64.StdEncoding.EncodeToString(layer.body)}},
			})
			p.wantStored(p.Put("data", m), m)
		}),
	},
}

// index pushes two images and returns an index of them, which isn't pushed.
func (p *Repo) index(seed string, edits ...func(*index)) (content, []content) {
	x := index{SchemaVersion: 2, MediaType: indexType}
	var images []content
	for _, arch := range []string{"amd64", "arm64"} {
		m := p.Image(seed + " " + arch)
		p.Put(m.digest(), m).Want(http.StatusCreated)
		d := m.descriptor()
		d.Platform = map[string]string{"os": "linux", "architecture": arch}
		x.Manifests, images = append(x.Manifests, d), append(images, m)
	}
	for _, edit := range edits {
		edit(&x)
	}
	return manifest(indexType, x), images
}
