package controllers

import (
	corev1 "k8s.io/api/core/v1"

	fjordv1 "github.com/fjordline/fleet/operators/api/v1"
)

// podOf is the pod that runs the tools.
func podOf(toolbox *fjordv1.Toolbox) corev1.PodSpec {
	return corev1.PodSpec{
		Containers: []corev1.Container{{
			Name:  "tools",
			Image: toolbox.Spec.Image,
			Args:  []string{"serve"},
		}},
	}
}
