package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"atelier/engine"
)

// release is the version of a released binary, which docs/release.sh sets; empty otherwise.
var release string

// A version says what made an output, as far as that decides its bytes.
type version struct {
	Program string `json:"program"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Engine  string `json:"engine"`
}

func newVersion(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:               "version",
		Short:             "Print the version of the program and the path of its engine",
		Example:           "  atelier version\n  atelier version --cpu\n  atelier version --json",
		Args:              takes(0, 0, ""),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	asJSON := jsonFlag(cmd)
	cpu := cmd.Flags().Bool("cpu", false, "describe the processor as the engine sees it instead")
	cmd.RunE = func(*cobra.Command, []string) error {
		if *cpu {
			p, err := engine.ThisProcessor()
			switch {
			case err != nil:
				return err
			case *asJSON:
				return c.json(p)
			}
			c.processor(p)
			return nil
		}
		v := thisVersion()
		if *asJSON {
			return c.json(v)
		}
		c.text(v.String())
		return nil
	}
	return cmd
}

func thisVersion() version {
	v := version{Program: cmp.Or(release, "devel"), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Engine: engine.Options{}.Path()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if release == "" && info.Main.Version != "(devel)" {
		v.Program = cmp.Or(info.Main.Version, v.Program)
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			v.Commit = s.Value[:min(12, len(s.Value))] + v.Commit
		case s.Key == "vcs.modified" && s.Value == "true":
			v.Commit += "+changes"
		}
	}
	return v
}

// String is the version on a line.
func (v version) String() string {
	return fmt.Sprintf("atelier %s %s/%s %s engine %s", v.programCommit(), v.OS, v.Arch, v.Go, v.Engine)
}

// programCommit is what runs and outputs record of the program.
func (v version) programCommit() string {
	if v.Commit == "" {
		return v.Program
	}
	return v.Program + " (" + v.Commit + ")"
}
