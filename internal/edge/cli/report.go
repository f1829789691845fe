package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

func newReport(s *State) *cobra.Command {
	var serve string
	var with, trust []string
	var asJSON, quiet bool
	cmd := &cobra.Command{
		Use:   "report RUN|BUNDLE",
		Short: s.say(lang.T("Afficher et servir les rapports d'une campagne", "Show and serve the reports of a run")),
		Long: s.say(lang.T("Décide de nouveau les cibles à partir des résultats bruts du dossier RUN, ou d'un dossier de\npreuves scellé, écrit les rapports qui manquent et affiche la synthèse.",
			"Decides the targets again from the raw results of the folder RUN, or of a sealed bundle, writes\nthe reports that are missing and prints the summary.")),
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			view, err := s.read(args[0])
			if err != nil {
				return err
			}
			dir, err := s.reportsOf(args[0])
			if err != nil {
				return err
			}
			if len(with) > 0 {
				if err := s.with(&view, args[0], with, trust); err != nil {
					return err
				}
				if dir, err = s.emptied(filepath.Join(dir, withFolder)); err != nil {
					return err
				}
			}
			if err := s.writeReports(dir, view); err != nil {
				return err
			}
			if asJSON {
				return report.JSON(s.Stdout, view)
			}
			if !quiet {
				if err := report.Terminal(s.Stdout, view, s.lang, report.TerminalOptions{Width: s.Width, Color: s.Color}); err != nil {
					return err
				}
			}
			if serve == "" {
				return nil
			}
			return s.serve(cmd.Context(), dir, serve)
		},
	}
	cmd.Flags().StringVar(&serve, "serve", "", s.say(lang.T("servir les rapports sur HÔTE:PORT jusqu'à Ctrl-C", "serve the reports on HOST:PORT until Ctrl-C")))
	cmd.Flags().StringArrayVar(&with, "with", nil, s.say(lang.T("réponse ou dérogation à montrer à côté (répétable) ; les rapports vont dans "+withFolder+"/", "answer or exception to show beside (repeatable); the reports go to "+withFolder+"/")))
	s.trustFlag(cmd, &trust)
	cmd.Flags().BoolVar(&quiet, "quiet", false, s.say(lang.T("ne pas afficher la synthèse", "don't print the summary")))
	cmd.Flags().BoolVar(&asJSON, "json", false, s.say(lang.T("écrire le rapport JSON sur la sortie standard", "write the JSON report to standard output")))
	return cmd
}

// emptied makes a folder for reports anew.
func (s *State) emptied(dir string) (string, error) {
	err := s.Disk.RemoveAll(dir)
	if err == nil {
		err = s.Disk.MkdirAll(dir)
	}
	if err != nil {
		return "", fault.Wrap(fault.Invalid, lang.T("impossible de créer %s", "cannot make %s", dir), err)
	}
	return dir, nil
}

// reportsOf is the folder of the reports: the run's own, or for a bundle one
// beside it that bears its name.
func (s *State) reportsOf(path string) (string, error) {
	dir, isBundle := strings.CutSuffix(path, evidence.Ext)
	if !isBundle {
		return path, nil
	}
	if err := s.Disk.MkdirAll(dir); err != nil {
		return "", fault.Wrap(fault.Invalid, lang.T("impossible de créer %s", "cannot make %s", dir), err)
	}
	return dir, nil
}

// writeReports writes each report that the folder doesn't hold yet.
func (s *State) writeReports(dir string, view report.View) error {
	reports := map[string]func(io.Writer) error{
		"report.fr.html": func(w io.Writer) error { return report.HTML(w, view, lang.FR) },
		"report.en.html": func(w io.Writer) error { return report.HTML(w, view, lang.EN) },
		"report.json":    func(w io.Writer) error { return report.JSON(w, view) },
	}
	for _, o := range view.Record.Offers {
		reports[string(o.ID)+".junit.xml"] = func(w io.Writer) error { return report.JUnit(w, view, o.ID) }
	}
	for name, render := range reports {
		if err := s.writeReport(filepath.Join(dir, name), render); err != nil {
			return fault.Wrap(fault.Internal, lang.T("impossible d'écrire %s", "cannot write %s", name), err)
		}
	}
	return nil
}

// writeReport renders a report whole before it touches the disk.
func (s *State) writeReport(path string, render func(io.Writer) error) error {
	var page bytes.Buffer
	if err := render(&page); err != nil {
		return err
	}
	err := s.create(path, page.Bytes())
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// served lists what the report server shows of a run folder: not the ledger, not
// the plan.
var served = map[string]string{
	"/report.fr.html": "text/html; charset=utf-8",
	"/report.en.html": "text/html; charset=utf-8",
	"/report.json":    "application/json",
}

// serve shows the reports of a folder until the context ends.
func (s *State) serve(ctx context.Context, dir, address string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fault.Wrap(fault.Invalid, lang.T("impossible d'écouter sur %s", "cannot listen on %s", address), err)
	}
	server := &http.Server{Handler: s.pages(dir), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Fprintf(s.Stdout, "\n%s\n", s.say(lang.T("Rapports sur http://%s (Ctrl-C pour arrêter)", "Reports on http://%s (Ctrl-C to stop)", listener.Addr())))
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *State) pages(dir string) http.Handler {
	folder := s.DirFS(dir)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/report."+string(s.lang)+".html", http.StatusFound)
			return
		}
		kind, ok := served[r.URL.Path]
		page, err := fs.ReadFile(folder, filepath.Base(r.URL.Path))
		if !ok || err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(page)
	})
}
