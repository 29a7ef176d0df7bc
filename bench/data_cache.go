package bench

import (
	"context"
	"fmt"
	"iter"
	"os"
	"runtime"
	"time"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/nn"
	"atelier/model/run"
	"atelier/model/train"
	"atelier/recipes"
)

func init() { addData("cache", measureCache) }

// The sizes of the work cache: a set like Fashion-MNIST.
const (
	cachePictures = 60_000
	cacheSteps    = 60 // of training
	cacheBatches  = 20_000
)

// A cachedNoise is a version of a set of noise, source and codec in one.
type cachedNoise struct {
	Field data.Field
	Size  int
}

func (c *cachedNoise) set() noiseSet { return noiseSet{c.Field, c.Size} }

// VersionHash implements [data.Versioned].
func (c *cachedNoise) VersionHash(context.Context) (string, error) {
	return fmt.Sprint(c.Field, c.Size), nil
}

// Items implements [data.Source].
func (c *cachedNoise) Items(ctx context.Context, s data.Split) iter.Seq2[data.Item, error] {
	return c.set().Items(ctx, s)
}

// Spec implements [data.Codec].
func (c *cachedNoise) Spec(classes []string) (data.Spec, error) { return c.set().Spec(classes) }

// Encode implements [data.Codec].
func (c *cachedNoise) Encode(ex data.Example, b *data.Batch, at int) error {
	return c.set().Encode(ex, b, at)
}

// Decode implements [data.Codec].
func (c *cachedNoise) Decode(b *data.Batch, at int) (data.Item, error) { return c.set().Decode(b, at) }

// MediaType implements [data.Codec].
func (c *cachedNoise) MediaType() string { return c.set().MediaType() }

// measureCache compares the speed of batches from the cache with what training of the default
// recipe consumes.
func measureCache(ctx context.Context, on *Machine, part share, emit func(Row)) error {
	pictures := part.of(cachePictures)
	dir, err := os.MkdirTemp("", "atelier-cache-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	noise := &cachedNoise{data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{28, 28, 1}, Low: -1, High: 1}, pictures}
	cache, opened := data.Cache{Dir: dir}, [2]time.Duration{}
	var set *data.Dataset
	for i := range opened {
		began := time.Now()
		if set, _, err = cache.Load(ctx, noise, noise); err != nil {
			return err
		}
		opened[i] = time.Since(began)
	}
	emit(Row{Name: "cache made", Value: float64(pictures) / opened[0].Seconds(), Unit: "pictures/s", Holds: true, N: pictures})
	emit(Row{Name: "cache opened", Value: float64(pictures) / opened[1].Seconds(), Unit: "pictures/s", Holds: true, N: pictures})
	taken, batch, err := consumption(ctx, on, set, part.of(cacheSteps))
	if err != nil {
		return err
	}
	emit(Row{Name: "fashion takes", Value: taken, Unit: "batches/s", Holds: true, N: part.of(cacheSteps)})
	return drain(ctx, set, batch, part.of(cacheBatches), taken, emit)
}

// consumption is the number of batches per second that training of the recipe fashion-dcgan
// consumes, and their size.
func consumption(ctx context.Context, on *Machine, set *data.Dataset, steps int) (rate float64, batch int, err error) {
	text, err := recipes.Read("fashion-dcgan")
	if err != nil {
		return 0, 0, err
	}
	c, err := run.Parse("fashion-dcgan.toml", text)
	if err != nil {
		return 0, 0, err
	}
	m, err := c.Model.Value.Model(set.Spec())
	if err != nil {
		return 0, 0, err
	}
	loader, store := data.NewLoader(set, c.Batch, 1, nil, 0), model.NewStore()
	defer loader.Close()
	nn.Seed(store, 1)
	loop := &train.Loop{Backend: on.Backend, Store: store, Stages: m.Stages(), Batches: loader,
		Schedule: registry.Choose[train.Schedule]("constant").Value, Seed: 1, Damping: 1, Total: (steps + 3) / 4}
	if err := loop.Build(set.Spec(), c.Batch); err != nil {
		return 0, 0, err
	}
	if err := loop.Run(ctx); err != nil { // one-time compilation
		return 0, 0, err
	}
	began, from := time.Now(), loader.Position()
	loop.Total += steps
	if err := loop.Run(ctx); err != nil {
		return 0, 0, err
	}
	return float64(loader.Position()-from) / time.Since(began).Seconds(), c.Batch, nil
}

// drain takes batches as fast as possible.
func drain(ctx context.Context, set *data.Dataset, batch, batches int, taken float64, emit func(Row)) error {
	loader := data.NewLoader(set, batch, 1, nil, 0)
	defer loader.Close()
	var before, after runtime.MemStats
	var began time.Time
	for i := range batches + 100 {
		if i == 100 { // after the first shuffle
			runtime.ReadMemStats(&before)
			began = time.Now()
		}
		if _, err := loader.Next(ctx); err != nil {
			return err
		}
	}
	rate := float64(batches) / time.Since(began).Seconds()
	runtime.ReadMemStats(&after)
	ratio := rate / taken
	emit(Row{Name: "batches out of the cache", Value: rate, Unit: "batches/s", Bar: fmt.Sprintf(">= %.0f", 10*taken),
		Holds: ratio >= 10, Peer: &taken, Ratio: &ratio, N: batches})
	allocations := float64(after.Mallocs-before.Mallocs) / float64(batches)
	emit(Row{Name: "allocations a batch", Value: allocations, Unit: "", Bar: "< 0.01", Holds: allocations < 0.01, N: batches})
	return nil
}
