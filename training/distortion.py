"""D, what a model is tuned to keep low: squared error, or what SSIMULACRA 2.1 sees beside some of it."""

from ssimulacra2 import weighted_sum

# Of the model for the eye: a unit of what the metric sees, 6 at a score of 50, costs as much as squared error of
# 5; some squared error itself keeps colours and coarse luma. The sum is about what 0.15 of squared error and 1250
# times 1 - MS-SSIM were, by which the first models for the eye were trained, so that positions keep their meaning.
ERROR_WEIGHT, EYE_WEIGHT = 0.2, 5


def distortion(x_hat, x, tune):
    """D of each image, in units of squared error, of B x 3 x H x W samples in [-128, 127]."""
    error = (x_hat - x).square().flatten(1).mean(1)
    if tune == "psnr":
        return error
    return ERROR_WEIGHT * error + EYE_WEIGHT * weighted_sum(x_hat, x)
