package inference

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var embeddingChecks = []probe.Check{
	{
		ID: "inference/embeddings/shape", Rule: "OpenAI API, The embedding object", Features: []string{embeddings},
		Title: lang.T("Un texte donne un vecteur de nombres, du modèle demandé", "A text gives a vector of numbers, of the model asked for"),
		Run: with(func(t *probe.T, a *API) {
			e := a.Embed(t, texts[0], "one text", nil)
			t.Want(len(e.Vectors) == 1 && len(e.Vectors[0]) >= 8 && length(e.Vectors[0]) > 0 && e.Model != "", e.Did,
				fmt.Sprintf("%d vectors, the first of %d numbers, model %q", len(e.Vectors), len(e.Vectors[0]), clip(e.Model)), "one vector, its model's name")
		}),
	},
	{
		ID: "inference/embeddings/dimension", Rule: "OpenAI API, Create embeddings", Features: []string{embeddings},
		Title: lang.T("Tous les vecteurs ont autant de dimensions", "All vectors have as many dimensions"),
		Run: with(func(t *probe.T, a *API) {
			e := a.Embed(t, texts, "three texts", nil)
			for _, v := range e.Vectors {
				t.Want(len(v) == len(e.Vectors[0]), e.Did, fmt.Sprintf("vectors of %d and %d dimensions", len(e.Vectors[0]), len(v)), "one dimension for all")
			}
		}),
	},
	{
		ID: "inference/embeddings/index", Rule: "OpenAI API, The embedding object, index", Features: []string{embeddings},
		Title: lang.T("Chaque vecteur d'un lot porte le rang de son texte", "Each vector of a batch bears the rank of its text"),
		Run: with(func(t *probe.T, a *API) {
			e := a.Embed(t, texts, "three texts", nil)
			indices := slices.Sorted(slices.Values(e.Indices))
			t.Want(slices.Equal(indices, []int{0, 1, 2}), e.Did, fmt.Sprintf("the indices %v", e.Indices), "0, 1 and 2, each once")
		}),
	},
	{
		ID: "inference/embeddings/order", Rule: "OpenAI API, Create embeddings, input", Features: []string{embeddings},
		Title: lang.T("Le vecteur de rang i est celui du texte i", "The vector of rank i is that of text i"),
		Run:   with(wantOrder),
	},
	{
		ID: "inference/embeddings/batch", Rule: "OpenAI API, Create embeddings, input", Features: []string{embeddings},
		Title: lang.T("Un texte a le même vecteur seul et dans un lot", "A text has the same vector alone and in a batch"),
		Run: with(func(t *probe.T, a *API) {
			e := a.Embed(t, []string{texts[1], texts[0], texts[0]}, "three texts", nil)
			alone := a.Embed(t, texts[0], "one text", nil)
			last := e.at(t, 2)
			t.Want(cosine(last, alone.Vectors[0]) >= same, e.Did, fmt.Sprintf("a vector at cosine %.4f of the same text's alone", cosine(last, alone.Vectors[0])), "the same vector")
		}),
	},
	{
		ID: "inference/embeddings/distinct", Rule: "OpenAI API, Create embeddings", Features: []string{embeddings},
		Title: lang.T("Un texte a toujours le même vecteur, un autre texte un autre", "A text always has the same vector, another text another"),
		Run: with(func(t *probe.T, a *API) {
			first, again, other := a.Embed(t, texts[0], "one text", nil), a.Embed(t, texts[0], "one text", nil), a.Embed(t, texts[2], "another text", nil)
			near, far := cosine(first.Vectors[0], again.Vectors[0]), cosine(first.Vectors[0], other.Vectors[0])
			t.Want(near >= same && far < same, other.Did, fmt.Sprintf("vectors at cosine %.4f for the same text, %.4f for another", near, far), "the same vector, then another")
		}),
	},
	{
		ID: "inference/embeddings/norm", Rule: "offer.yaml, embedding-norm", Features: []string{embeddings, embeddingNorm},
		Title: lang.T("Les vecteurs sont de longueur 1", "Vectors have length 1"),
		Run: with(func(t *probe.T, a *API) {
			e := a.Embed(t, texts, "three texts", nil)
			for _, v := range e.Vectors {
				t.Want(math.Abs(length(v)-1) < 0.005, e.Did, fmt.Sprintf("a vector of length %.4f", length(v)), "length 1")
			}
		}),
	},
	{
		ID: "inference/embeddings/dimensions", Rule: "OpenAI API, Create embeddings, dimensions", Features: []string{embeddings, embeddingDimensions},
		Title: lang.T("Le nombre de dimensions demandé est rendu", "The number of dimensions asked for is given"),
		Run: with(func(t *probe.T, a *API) {
			half := len(a.Embed(t, texts[0], "one text", nil).Vectors[0]) / 2
			e := a.Embed(t, texts[0], fmt.Sprintf("dimensions %d", half), doc{"dimensions": half})
			t.Want(len(e.Vectors[0]) == half, e.Did, fmt.Sprintf("%d dimensions", len(e.Vectors[0])), fmt.Sprint(half))
		}),
	},
	{
		ID: "inference/embeddings/base64", Rule: "OpenAI API, Create embeddings, encoding_format", Features: []string{embeddings},
		Title: lang.T("base64 et nombres donnent le même vecteur", "base64 and numbers give the same vector"),
		Run: with(func(t *probe.T, a *API) {
			numbers := a.Embed(t, texts[0], "encoding_format float", doc{"encoding_format": "float"}).Vectors[0]
			e := a.Embed(t, texts[0], "encoding_format base64", doc{"encoding_format": "base64"})
			v := e.Vectors[0]
			t.Want(len(v) == len(numbers) && cosine(v, numbers) >= same, e.Did, fmt.Sprintf("%d numbers at cosine %.4f", len(v), cosine(v, numbers)), fmt.Sprintf("the same %d numbers", len(numbers)))
		}),
	},
	{
		ID: "inference/embeddings/usage", Rule: "OpenAI API, Create embeddings, usage", Features: []string{embeddings},
		Title: lang.T("L'usage compte les jetons des textes", "Usage counts the tokens of the texts"),
		Run: with(func(t *probe.T, a *API) {
			one, three := a.Embed(t, texts[0], "one text", nil), a.Embed(t, texts, "three texts", nil)
			t.Want(one.Usage.Prompt > 0 && three.Usage.Prompt > one.Usage.Prompt && three.Usage.Total == three.Usage.Prompt, three.Did,
				fmt.Sprintf("%d tokens, total %d, and %d for one of the texts", three.Usage.Prompt, three.Usage.Total, one.Usage.Prompt), "a count that grows with the texts")
		}),
	},
	{
		ID: "inference/embeddings/unknown-model", Rule: "OpenAI API, Error codes; RFC 9110 section 15.5.5", Features: []string{embeddings},
		Title: lang.T("Un modèle de vecteurs inconnu est refusé par 404", "An unknown embedding model is refused with 404"),
		Run: with(func(t *probe.T, a *API) {
			a.Do(t, Call{Path: "embeddings", What: "an unknown model", Body: doc{"model": t.Name(), "input": "bonjour"}}).WantRefusal(t, http.StatusNotFound)
		}),
	},
}

var texts = []string{
	"La mairie délivre les passeports.",
	"Il neige rarement sur la côte.",
	"Le conseil municipal vote le budget de la commune au mois de mars, après un débat public sur ses orientations.",
}

// same is the cosine from which two vectors are one: services that batch on
// accelerators differ in the last digits.
const same = 0.999

// at returns the vector of an index.
func (e Embedding) at(t *probe.T, index int) []float64 {
	i := slices.Index(e.Indices, index)
	if i < 0 {
		t.Fail(e.Did, fmt.Sprintf("the indices %v", e.Indices), fmt.Sprintf("the index %d", index))
	}
	return e.Vectors[i]
}

// wantOrder compares each vector of a batch with those of the texts alone: its own
// must be the nearest.
func wantOrder(t *probe.T, a *API) {
	batch := a.Embed(t, texts, "three texts", nil)
	var alone [][]float64
	for _, text := range texts {
		alone = append(alone, a.Embed(t, text, "one text", nil).Vectors[0])
	}
	for i := range texts {
		v := batch.at(t, i)
		for j := range texts {
			if i != j && cosine(v, alone[j]) >= cosine(v, alone[i]) {
				t.Fail(batch.Did, fmt.Sprintf("at index %d a vector that is rather that of text %d", i, j), "the vectors in the order of the texts")
			}
		}
	}
}

func length(v []float64) float64 { return math.Sqrt(dot(v, v)) }

// cosine of two vectors; 0 when they have not the same dimension.
func cosine(v, w []float64) float64 {
	if len(v) != len(w) || length(v) == 0 || length(w) == 0 {
		return 0
	}
	return dot(v, w) / length(v) / length(w)
}

func dot(v, w []float64) float64 {
	sum := 0.0
	for i := range v {
		sum += v[i] * w[i]
	}
	return sum
}

// vector is an embedding in either encoding.
type vector []float64

// UnmarshalJSON reads numbers, or base64 of little-endian 32-bit floats.
func (v *vector) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] != '"' {
		return json.Unmarshal(raw, (*[]float64)(v))
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	octets, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	if len(octets)%4 != 0 {
		return errors.New("base64 of no whole number of 32-bit floats")
	}
	for at := 0; at < len(octets); at += 4 {
		*v = append(*v, float64(math.Float32frombits(binary.LittleEndian.Uint32(octets[at:]))))
	}
	return nil
}
