package main

// The plug-ins of the program: a package adds its choices to the registries
// when it is imported, and this is the one place that does so.
import (
	_ "atelier/app"
	_ "atelier/bench"
	_ "atelier/data/augment"
	_ "atelier/data/cards"
	_ "atelier/data/clean"
	_ "atelier/data/codec"
	_ "atelier/data/source"
	_ "atelier/data/store"
	_ "atelier/model/arch"
	_ "atelier/model/family"
	_ "atelier/model/feature"
	_ "atelier/model/loss"
	_ "atelier/model/metric"
)
