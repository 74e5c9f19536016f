# What the README's one line does, in a container. PyPI's own torch is for a GPU: --build-arg TORCH_INDEX=https://pypi.org/simple
FROM python:3.12-slim

ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --extra-index-url "$TORCH_INDEX" -r requirements.txt

COPY app.py pyproject.toml ./
COPY mmdemo mmdemo
COPY weights weights

RUN useradd --create-home visitor
USER visitor
ENV GRADIO_SERVER_NAME=0.0.0.0 GRADIO_TEMP_DIR=/tmp/mmdemo PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 7860
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/healthz', timeout=2)"]
CMD ["python", "app.py"]
