package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// Run executes the command of State.Args and returns the process's exit code.
func Run(ctx context.Context, s *State) int {
	if err := s.chooseLang(langFlag(s.Args)); err != nil {
		fmt.Fprintln(s.Stderr, "aloi:", fault.Say(err, "fr"))
		return exitUsage
	}
	root := newRoot(s)
	root.SetArgs(s.Args)
	root.SetOut(s.Stdout)
	root.SetErr(s.Stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && cmd == root { // no command was found, so none has run
		err = fault.Wrap(fault.Invalid, lang.T("ligne de commande (aloi --help)", "command line (aloi --help)"), err)
	}
	var verdict *verdictError
	switch {
	case err == nil:
		return exitMet
	case errors.As(err, &verdict):
		return verdict.code
	}
	fmt.Fprintln(s.Stderr, "aloi:", fault.Say(err, string(s.lang)))
	return exitCode(err)
}

// langFlag finds --lang before the commands are built, since their help is in
// the person's language too.
func langFlag(args []string) string {
	for i, a := range args {
		if len(a) > 7 && a[:7] == "--lang=" {
			return a[7:]
		}
		if a == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

func newRoot(s *State) *cobra.Command {
	root := &cobra.Command{
		Use:           "aloi",
		Short:         s.say(lang.T("Mesurer des offres cloud face aux besoins des administrations", "Measure cloud offers against the needs of administrations")),
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       s.Version,
	}
	root.PersistentFlags().String("lang", string(s.lang), s.say(lang.T("langue : fr ou en", "language: fr or en")))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fault.Wrap(fault.Invalid, lang.T("ligne de commande", "command line"), err)
	})
	root.AddCommand(newCatalogue(s), newOffer(s), newEvaluate(s), newReport(s), newCompare(s), newSeal(s), newVerify(s), newSweep(s),
		newKey(s), newFinding(s), newAnswer(s), newException(s), newForeign(s))
	root.CompletionOptions.HiddenDefaultCmd = true
	s.translate(root)
	return root
}

// translate puts the framework's own words in the person's language.
func (s *State) translate(root *cobra.Command) {
	root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "help-"})
	root.SetUsageTemplate(s.say(lang.T(usageTemplate("Usage", "Commandes", "Options", "Options communes", "« %s COMMANDE --help » en dit plus sur une commande."),
		usageTemplate("Usage", "Commands", "Flags", "Common flags", "`%s COMMAND --help` says more about a command."))))
	for _, cmd := range append(root.Commands(), root) {
		for _, c := range append(cmd.Commands(), cmd) {
			c.InitDefaultHelpFlag()
			c.Flags().Lookup("help").Usage = s.say(lang.T("cette aide", "this help"))
		}
	}
	root.InitDefaultVersionFlag()
	root.Flags().Lookup("version").Usage = s.say(lang.T("la version", "the version"))
}

func usageTemplate(usage, commands, flags, common, more string) string {
	return usage + `:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} …{{end}}{{if .HasAvailableSubCommands}}

` + commands + `:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

` + flags + `:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

` + common + `:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

` + strings.Replace(more, "%s", "{{.CommandPath}}", 1) + `{{end}}
`
}

// exactly and atLeastOne refuse a wrong number of arguments as the person's error.
func exactly(n int) cobra.PositionalArgs {
	return invalid(cobra.ExactArgs(n))
}

func atLeastOne() cobra.PositionalArgs {
	return invalid(cobra.MinimumNArgs(1))
}

func invalid(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return fault.Wrap(fault.Invalid, lang.T("ligne de commande (%s)", "command line (%s)", cmd.UseLine()), err)
		}
		return nil
	}
}
