package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/cpu"

	"framewise/model/gemm"
	"framewise/transforms"
)

// diagnosis is what doctor prints.
type diagnosis struct {
	Version     string   `json:"version"`
	Go          string   `json:"go"`
	Platform    string   `json:"platform"`
	CPUs        int      `json:"cpus"`
	CPUFeatures []string `json:"cpu_features"`
	Spectra     string   `json:"spectra_kernel"`
	GEMM        string   `json:"gemm_kernel"`
	GFLOPS      float64  `json:"gemm_gflops"` // one thread, float32
	Libraries   []string `json:"blas_libraries"`
	GPU         string   `json:"gpu"`
	Credentials string   `json:"google_credentials"`
	Problems    []string `json:"problems"`
}

func newDoctorCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "CPU features, kernels in use and their speed",
		Long:    "Doctor says what this machine and this build can do.\n" + exitHelp,
		Example: "  framewise doctor\n  FRAMEWISE_SIMD=off framewise doctor --json\n  FRAMEWISE_BLAS=openblas framewise doctor",
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := diagnose()
			if asJSON {
				if err := printJSON(cmd, d); err != nil {
					return err
				}
			} else if err := printDiagnosis(cmd, d); err != nil {
				return err
			}
			if len(d.Problems) > 0 {
				return coded{exitEnvironment, fmt.Errorf("%s", d.Problems[0])}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document on standard output")
	return cmd
}

func diagnose() diagnosis {
	d := diagnosis{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(),
		CPUFeatures: []string{}, Spectra: transforms.Kernel(), GEMM: gemm.Backend(), GFLOPS: gemm.Measure(), Libraries: append([]string{}, gemm.Installed()...),
		GPU: "none: this build has no GPU support", Credentials: "none", Problems: []string{}}
	for _, f := range []struct {
		name string
		have bool
	}{{"avx", cpu.X86.HasAVX}, {"avx2", cpu.X86.HasAVX2}, {"fma", cpu.X86.HasFMA}, {"avx512f", cpu.X86.HasAVX512F},
		{"avx512bw", cpu.X86.HasAVX512BW}, {"avx512dq", cpu.X86.HasAVX512DQ}, {"avx512vl", cpu.X86.HasAVX512VL}, {"asimd", cpu.ARM64.HasASIMD}} {
		if f.have {
			d.CPUFeatures = append(d.CPUFeatures, f.name)
		}
	}
	if os.Getenv("GOOGLE_APPLICATION_CREDENTIALS") != "" {
		d.Credentials = "GOOGLE_APPLICATION_CREDENTIALS is set"
	}
	// One variable sets every kernel, so that one complaint about it is enough.
	if err := gemm.Setting(); err != nil {
		d.Problems = append(d.Problems, err.Error())
	}
	return d
}

func printDiagnosis(cmd *cobra.Command, d diagnosis) error {
	return table(cmd.OutOrStdout(), []string{"what", "this machine"}, [][]string{
		{"framewise", d.Version + ", " + d.Go + ", " + d.Platform},
		{"processors", fmt.Sprint(d.CPUs)},
		{"CPU features", fmt.Sprint(d.CPUFeatures)},
		{"spectra", d.Spectra},
		{"matrices", fmt.Sprintf("%s, %.0f GFLOP/s on one thread", d.GEMM, d.GFLOPS)},
		{"matrix libraries", libraries(d.Libraries)},
		{"GPU", d.GPU},
		{"Google credentials", d.Credentials},
	})
}

// libraries names what FRAMEWISE_BLAS or the key blas of train.yaml can choose.
func libraries(found []string) string {
	if len(found) == 0 {
		return "none (they need a build with the tag blas)"
	}
	return strings.Join(found, ", ")
}
