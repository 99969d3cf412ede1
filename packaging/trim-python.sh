#!/bin/bash
# Takes away what bwvdock never loads of the Python packages under the folder named as argument: AWS has some 400
# services, and botocore brings a description of each (30 MB; S3 alone is 0.3 MB). boto3 and s3transfer are what the
# extra s3 is asked for by; bwvdock speaks through botocore. rich asks for what highlights code and reads Markdown (11 MB),
# and draws a screen without either.
set -euo pipefail
lib=${1:?the folder with the Python packages}

find "$lib/botocore/data" -mindepth 1 -maxdepth 1 -type d ! -name s3 -exec rm -rf {} +
rm -rf "$lib"/boto3 "$lib"/boto3-*.dist-info "$lib"/s3transfer "$lib"/s3transfer-*.dist-info
rm -rf "$lib"/pygments "$lib"/pygments-*.dist-info "$lib"/markdown_it "$lib"/markdown_it_py-*.dist-info \
  "$lib"/mdurl "$lib"/mdurl-*.dist-info
