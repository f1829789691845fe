package inference

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var modelChecks = []probe.Check{
	{
		ID: "inference/models/list", Rule: "OpenAI API, List models",
		Title: lang.T("La liste des modèles est un objet list d'objets model", "The list of models is a list object of model objects"),
		Run:   with(func(t *probe.T, a *API) { modelList(t, a) }),
	},
	{
		ID: "inference/models/declared", Rule: "OpenAI API, List models",
		Title: lang.T("Le modèle que l'offre annonce est dans la liste", "The model that the offer announces is in the list"),
		Run: with(func(t *probe.T, a *API) {
			x, ids := modelList(t, a)
			t.Want(strings.Contains(" "+strings.Join(ids, " ")+" ", " "+a.model+" "), x.Did, fmt.Sprintf("200 with %d models, none of them %s", len(ids), a.model), a.model)
		}),
	},
	{
		ID: "inference/models/retrieve", Rule: "OpenAI API, Retrieve model",
		Title: lang.T("Un modèle demandé par son nom est celui-là", "A model asked for by name is that one"),
		Run: with(func(t *probe.T, a *API) {
			var m model
			x := a.Do(t, get("models/"+escape(a.model), "", "")).JSON(t, &m)
			t.Want(m.ID == a.model && m.Object == "model", x.Did, fmt.Sprintf("the %s %q", clip(m.Object), clip(m.ID)), "the model "+a.model)
		}),
	},
	{
		ID: "inference/models/unknown", Rule: "OpenAI API, Retrieve model; RFC 9110 section 15.5.5",
		Title: lang.T("Un modèle inconnu est refusé par 404 et un objet d'erreur", "An unknown model is refused with 404 and an error object"),
		Run: with(func(t *probe.T, a *API) {
			a.Do(t, get("models/"+t.Name(), "", "")).WantRefusal(t, http.StatusNotFound)
		}),
	},
}

// model is an entry of the list.
type model struct {
	ID      string          `json:"id"`
	Object  string          `json:"object"`
	Created json.RawMessage `json:"created"`
	Owner   *string         `json:"owned_by"`
}

// modelList reads the list, all of whose entries must be models.
func modelList(t *probe.T, a *API) (Answer, []string) {
	var d struct {
		Object string  `json:"object"`
		Data   []model `json:"data"`
	}
	x := a.Do(t, get("models", "", "")).JSON(t, &d)
	if d.Object != "list" || len(d.Data) == 0 {
		t.Fail(x.Did, fmt.Sprintf("200 with object %q and %d entries", clip(d.Object), len(d.Data)), `"object": "list" and one model at least`)
	}
	var ids []string
	for _, m := range d.Data {
		if m.ID == "" || m.Object != "model" || m.Owner == nil || !instant(m.Created) {
			t.Fail(x.Did, fmt.Sprintf("the entry %q of object %q, created %s", clip(m.ID), clip(m.Object), clip(string(m.Created))),
				"id, object model, created in seconds, owned_by")
		}
		ids = append(ids, m.ID)
	}
	return x, ids
}

// instant reports whether a JSON value is a Unix time in seconds, of this century.
func instant(raw json.RawMessage) bool {
	var n float64
	return json.Unmarshal(raw, &n) == nil && n >= 0 && n < 4102444800
}

// escape keeps the name of a model in one segment of a path, its slashes apart:
// services that name models owner/name route them with the slash.
func escape(name string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
