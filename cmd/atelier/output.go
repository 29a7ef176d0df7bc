package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/run"
)

// forceFlag adds the flag that allows files that exist to be replaced.
func forceFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("force", false, "replace existing files")
}

// newGuard protects existing files, and the inputs even with --force.
func newGuard(force bool, inputs ...string) *durable.Guard {
	return &durable.Guard{Force: force, Ask: "--force", Inputs: inputs}
}

// An output is where an app's Items are written: a file, or a folder.
type output struct {
	path     string // empty for the Item's own name
	guard    *durable.Guard
	file     *durable.Place  // nil for a folder
	folder   *durable.Folder // nil for a file
	expected int             // how many files there will be, as far as that is known
	written  []string
}

// newOutput treats a path with an extension as a file, and any other as a folder.
func newOutput(ctx context.Context, path string, guard *durable.Guard) (o *output, err error) {
	o = &output{path: path, guard: guard}
	if path == "" {
		return o, nil
	}
	if isFolder(path) {
		o.folder, err = guard.Folder(path)
	} else {
		o.file, err = guard.File(ctx, path)
	}
	return o, err
}

// stdout is the path that means standard output.
const stdout = "/dev/stdout"

// placeOf is the place of a file that is named by -o, where - is standard output, or else by its usual
// name.
func placeOf(ctx context.Context, guard *durable.Guard, out, usual string) (*durable.Place, error) {
	switch out {
	case "":
		return guard.Free(usual)
	case app.Stdin:
		out = stdout
	}
	return guard.File(ctx, out)
}

// isFolder reports whether a path is that of a folder, or would be.
func isFolder(path string) bool {
	if path == "" || os.IsPathSeparator(path[len(path)-1]) {
		return path != ""
	}
	if info, err := os.Stat(path); err == nil {
		return info.IsDir()
	}
	target, _ := os.Readlink(path) // a link to a file that is yet to come
	return filepath.Ext(path) == "" && filepath.Ext(target) == ""
}

// expect receives the names of all Items before they are made.
func (o *output) expect(names ...string) (err error) {
	o.expected = len(names)
	switch {
	case o.folder != nil:
		return o.folder.Expect(names)
	case len(names) > 1:
		return badinput.Errorf("more than one file would be made: name a folder with -o")
	case o.path == "":
		o.file, err = o.guard.Free(names[0])
	}
	return err
}

// write writes an Item atomically.
func (o *output) write(item data.Item) (err error) {
	var path string
	switch {
	case o.folder != nil:
		path, err = o.folder.WriteFile(item.Name, item.Bytes)
	case len(o.written) > 0:
		return badinput.Errorf("more than one file was made: name a folder with -o")
	default:
		if o.file == nil {
			if o.file, err = o.guard.Free(item.Name); err != nil {
				return err
			}
		}
		path, err = o.file.WriteFile(item.Bytes)
	}
	if err == nil {
		o.written = append(o.written, path)
	}
	return err
}

// beside writes the label of the last Item next to its file.
func (o *output) beside(_ string, label []byte) error {
	if o.file != nil && o.file.IsStream() {
		return nil // there is no place beside it
	}
	last := o.written[len(o.written)-1]
	place, err := o.guard.File(context.Background(), last+app.LabelEnd)
	if err == nil {
		_, err = place.WriteFile(label)
	}
	if err != nil {
		err = fmt.Errorf("%s was written, but its label was not: %w", last, err)
	}
	return err
}

// String tells what was written.
func (o *output) String() string {
	switch n := len(o.written); {
	case n < o.expected:
		return fmt.Sprintf("wrote %d of %d files to %s", n, o.expected, o.path)
	case n == 1:
		return "wrote " + o.written[0]
	default:
		return fmt.Sprintf("wrote %d files to %s", n, o.path)
	}
}

// runFolders are the folders of existing runs.
func (c *cli) runFolders(names ...string) (folders []string) {
	for _, name := range names {
		if d, err := run.OpenDir(c.runs, name); err == nil {
			folders = append(folders, d.Path())
		}
	}
	return folders
}

// readBy are the files and folders that an app reads.
func (c *cli) readBy(a app.App) (paths []string) {
	for _, in := range app.Inputs(a) {
		switch word := in.Words(); {
		case word == "":
		case in.IsModel():
			paths = append(paths, c.runFolders(word)...)
		case in.File() != nil, in.Type() == "set":
			paths = append(paths, word)
		case in.Type() == "files":
			all, _ := in.Files()
			for _, f := range all {
				paths = append(paths, f.Name)
			}
		}
	}
	return paths
}

// beside is the console for messages while an output goes to standard output, so that they
// do not mix with its bytes.
func (c *console) beside(p *durable.Place) *console {
	if p == nil || !p.IsStdout() {
		return c
	}
	other := *c
	other.out = c.err
	return &other
}
