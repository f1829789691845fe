package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"

	"aloi.dev/internal/lang"
)

//go:embed templates
var assets embed.FS

// HTML writes the page of a run in one language. It is whole by itself: nothing
// is loaded from anywhere, and it links to its sister report.fr.html or
// report.en.html in the same folder.
func HTML(w io.Writer, v View, l lang.Lang) error {
	if l != lang.EN {
		l = lang.FR
	}
	var out bytes.Buffer
	if err := pages[l].ExecuteTemplate(&out, "page.html", build(v, l)); err != nil {
		return fmt.Errorf("render the page: %w", err)
	}
	_, err := w.Write(out.Bytes())
	return err
}

var pages = map[lang.Lang]*template.Template{lang.FR: parse(lang.FR), lang.EN: parse(lang.EN)}

func parse(l lang.Lang) *template.Template {
	style, err := assets.ReadFile("templates/style.css")
	if err != nil {
		panic(err)
	}
	loads, err := assets.ReadFile("templates/load.css")
	if err != nil {
		panic(err)
	}
	return template.Must(template.New("").Funcs(template.FuncMap{
		"w":         printer{l}.word,
		"style":     func() template.CSS { return template.CSS(style) },
		"at":        coordinate,
		"loadstyle": func() template.CSS { return template.CSS(loads) },
		"cols":      func(n int) int { return n + 1 },
	}).ParseFS(assets, "templates/*.html"))
}
