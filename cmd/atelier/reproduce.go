package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// mostReproduced is the size limit of files to reproduce, in bytes.
const mostReproduced = 256 << 20

func newReproduce(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reproduce FILE",
		Short: "Regenerate a generated file from its label, and compare",
		Long: `Regenerate a picture, text or piece of music from its label, which is in the file or, for
a text, beside it as FILE.json: run, checkpoint, seeds and settings. With the same program,
engine and checkpoint every byte is the same; otherwise the differences are listed, with
the number of pixels or notes that differ.
A picture, film or recording that it was made from, and any file over 256 KiB, is not in
the label, and is given again with --input; of several, each as NAME.1, NAME.2 and so on, or
as a folder that holds them. A file - is read from the standard input.`,
		Example: "  atelier reproduce sheet.png\n  atelier reproduce shoes.png --input picture=shoe.png\n  atelier reproduce exhibit.html --input pictures=photos/",
		Args:    takes(1, 1, "FILE"),
	}
	c.computes(cmd)
	given := cmd.Flags().StringArray("input", nil, "NAME=PATH: an input file that is not in the label, such as a picture, or a folder that holds those of an input; may be repeated")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		file, beside, err := readLabelled(args[0])
		if err != nil {
			return err
		}
		inputs, err := readInputs(*given, file, beside)
		if err != nil {
			return err
		}
		studio, done, err := c.studio(newMeter(c.console))
		if err != nil {
			return err
		}
		defer done()
		r, err := app.Reproduce(cmd.Context(), &app.Env{Studio: studio, Remote: remoteSettings(), Fetch: fetchPage, PDF: readPDF, Watcher: studio.Watcher, Keys: markKeys()}, file, beside, inputs)
		if err != nil {
			return err
		}
		for _, d := range r.Differences {
			c.say("%s", d)
		}
		if !r.Same {
			return errors.New(file.Name + " could not be reproduced byte for byte; the differences are listed above")
		}
		c.say("the same bytes: %s%s", file.Name, madeFrom(r.Label.Run, r.Label.Checkpoint, r.Label.Seeds))
		return nil
	}
	return cmd
}

// readLabelled reads a generated file, or the standard input, and the label that lies beside
// a file, nil if none does.
func readLabelled(path string) (file app.File, beside []byte, err error) {
	if path == app.Stdin {
		file, err = app.ReadFile(path, os.Stdin)
		return file, nil, err
	}
	file.Name = path
	if file.Bytes, err = durable.ReadFile(path, mostReproduced); err != nil {
		return file, nil, badinput.Mark(err)
	}
	beside, err = durable.ReadFile(path+app.LabelEnd, mostReproduced)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return file, beside, badinput.Mark(err)
}

// madeFrom says what a work was made from.
func madeFrom(run, checkpoint string, seeds []uint64) (text string) {
	if run != "" {
		text = fmt.Sprintf(" from %s, checkpoint %.12s", run, checkpoint)
	}
	if len(seeds) > 0 {
		text += fmt.Sprintf(", seed %d", seeds[0])
	}
	return text
}

// readInputs reads files given as NAME=PATH, where a path may be a folder of files that a work was made
// from.
func readInputs(given []string, work app.File, beside []byte) (map[string]app.File, error) {
	files := map[string]app.File{}
	for _, word := range given {
		name, path, ok := strings.Cut(word, "=")
		if !ok {
			return nil, badinput.Errorf("--input: want NAME=PATH, such as picture=photo.png, got %q", word)
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			found, err := app.Among(work, beside, name, os.DirFS(path))
			if err != nil {
				return nil, err
			}
			maps.Copy(files, found)
			continue
		}
		file, err := app.ReadFile(path, os.Stdin)
		if err != nil {
			return nil, err
		}
		files[name] = file
	}
	return files, nil
}
